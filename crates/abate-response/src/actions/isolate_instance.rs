//! `isolate-instance`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "isolate-instance",
    phase: Phase::Contain,
    when: |facts| facts.instances_if_ours(),
    title: Text::fixed(
        "Isolate {t}: attach a new security group without any rule (also remove its default egress rule), take it out of load balancers and Auto Scaling",
        "{t} を隔離する: ルールのない新しいセキュリティグループ（既定の送信ルールも削除）に付け替え、ロードバランサーと Auto Scaling から外す",
    ),
    done_text: Text::fixed(
        "We isolated {t}: its security groups were replaced by one without any inbound or outbound rule, which stops the reported traffic.",
        "{t} を隔離しました（送受信ルールのないセキュリティグループに付け替え、報告された通信を止めました）。",
    ),
    why: Text::fixed("It stops the traffic and keeps memory and disks as they are.", "メモリとディスクを保ったまま、通信を止められる。"),
    risk: Text::fixed(
        "The service on it goes down. Connections that are tracked already are not dropped by a security group; add a network ACL rule for them.",
        "そのホストのサービスは停止する。追跡中の既存接続はセキュリティグループでは切れないため、ネットワーク ACL も使う。",
    ),
    undo: Text::fixed(
        "Attach the original security groups again (note them first).",
        "元のセキュリティグループに戻す（事前に控えておく）。",
    ),
    how: "aws ec2 describe-instances --instance-ids {t} --query 'Reservations[].Instances[].SecurityGroups'\naws ec2 modify-instance-attribute --instance-id {t} --groups sg-QUARANTINE",
};
