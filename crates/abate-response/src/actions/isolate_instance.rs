//! `isolate-instance`: cut a host off from the network and keep it running, so that memory and disks stay as they are.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "isolate-instance",
    phase: Phase::Contain,
    when: |facts| facts.to_isolate(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed("Isolate {it} with a new security group without any rule", "ルールのない新しいセキュリティグループで{it}を隔離する"),
    done_text: Text::fixed(
        "We isolated {it}: its security groups were replaced by a new one without any inbound or outbound rule.",
        "{it}を隔離しました（送受信ルールのない新しいセキュリティグループに付け替え）。",
    ),
    why: Text::fixed(
        "It stops the reported traffic and keeps memory and disks for the search.",
        "メモリとディスクを保ったまま、報告された通信を止められる。",
    ),
    risk: Text::fixed(
        "The service on it goes down. Connections that are tracked already are not dropped by a change of security groups: also deny them by a network ACL of the subnet, or detach the interface.",
        "そのホストのサービスは停止する。追跡中の既存接続はセキュリティグループの変更では切れないため、サブネットのネットワーク ACL でも拒否するか、インターフェイスを切り離す。",
    ),
    undo: Text::fixed(
        "aws ec2 modify-instance-attribute --region {region} --instance-id {t} --groups with the groups noted before",
        "控えておいた元のグループを指定して aws ec2 modify-instance-attribute --region {region} --instance-id {t} --groups を実行する",
    ),
    how: Text::fixed(
        "1. Note the original groups: aws ec2 describe-instances --region {region} --instance-ids {t} --query 'Reservations[].Instances[].NetworkInterfaces[].[NetworkInterfaceId,Groups]'\n2. Take it out of Auto Scaling (aws autoscaling detach-instances) and of load balancers (aws elbv2 deregister-targets)\n3. aws ec2 create-security-group --region {region} --group-name quarantine --description quarantine --vpc-id VPC\n4. aws ec2 revoke-security-group-egress --region {region} --group-id SG --ip-permissions '[{\"IpProtocol\":\"-1\",\"IpRanges\":[{\"CidrIp\":\"0.0.0.0/0\"}]}]' (a new group allows all outbound traffic; revoke a ::/0 rule as well if there is one)\n5. aws ec2 modify-instance-attribute --region {region} --instance-id {t} --groups SG\n6. Verify by flow logs that nothing leaves any more",
        "1. 元のグループを控える: aws ec2 describe-instances --region {region} --instance-ids {t} --query 'Reservations[].Instances[].NetworkInterfaces[].[NetworkInterfaceId,Groups]'\n2. Auto Scaling（aws autoscaling detach-instances）とロードバランサー（aws elbv2 deregister-targets）から外す\n3. aws ec2 create-security-group --region {region} --group-name quarantine --description quarantine --vpc-id VPC\n4. aws ec2 revoke-security-group-egress --region {region} --group-id SG --ip-permissions '[{\"IpProtocol\":\"-1\",\"IpRanges\":[{\"CidrIp\":\"0.0.0.0/0\"}]}]'（新しいグループは既定で全送信を許可するため削除する。::/0 のルールがあればそれも削除）\n5. aws ec2 modify-instance-attribute --region {region} --instance-id {t} --groups SG\n6. フローログで通信が止まったことを確認する",
    ),
};
