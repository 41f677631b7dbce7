//! What the kinds of resources are, for someone who knows the server room better than AWS.

use abate_model::{ResourceKind, Text};

/// What a kind of resource is called, with an explanation in brackets, and what is peculiar about it in a report.
pub(in crate::explain) const fn of(kind: ResourceKind) -> (Text, Option<Text>) {
    match kind {
        ResourceKind::Ec2Instance => (Text::fixed("the EC2 instance (a virtual server)", "EC2 インスタンス（仮想サーバー）"), None),
        ResourceKind::NetworkInterface => (
            Text::fixed("the network interface", "ネットワークインターフェース"),
            Some(Text::fixed(
                "It is the plug of a server or a service; look up in the console what it was attached to at that time.",
                "サーバーやサービスの「通信の差し込み口」です。当時、何に付いていたかをコンソールで確認してください。",
            )),
        ),
        ResourceKind::ElasticIp => (Text::fixed("the Elastic IP (a fixed public address)", "Elastic IP（固定の公開アドレス）"), None),
        ResourceKind::NatGateway => (
            Text::fixed("the NAT gateway (the common exit of inner servers)", "NAT ゲートウェイ（内部サーバーの共用の出口）"),
            Some(Text::fixed(
                "The real source is one of the servers, containers or functions behind it: the flow logs of its subnets tell which.",
                "実際の送信元は、その内側にあるサーバー・コンテナ・関数のいずれかです。サブネットの VPC フローログから特定します。",
            )),
        ),
        ResourceKind::LoadBalancer => (
            Text::fixed("the load balancer (the common entrance of several servers)", "ロードバランサー（複数サーバーの共用の入口）"),
            Some(Text::fixed(
                "What is meant is what the servers behind it offer.",
                "指摘の対象は、その内側のサーバーが提供しているものです。",
            )),
        ),
        ResourceKind::Lightsail => (
            Text::fixed("the Lightsail instance (a simple rented server)", "Lightsail インスタンス（簡易な仮想サーバー）"),
            Some(Text::fixed(
                "It stands in the Lightsail console, not in that of EC2.",
                "EC2 ではなく、Lightsail のコンソールに表示されます。",
            )),
        ),
        ResourceKind::CloudFront => (
            Text::fixed("the CloudFront distribution (delivery of a website)", "CloudFront ディストリビューション（サイトの配信設定）"),
            None,
        ),
        ResourceKind::S3Bucket => (Text::fixed("the S3 bucket (a store of files)", "S3 バケット（ファイルの保管場所）"), None),
        ResourceKind::EcsTask => (Text::fixed("the ECS task (a container)", "ECS タスク（コンテナ）"), None),
        ResourceKind::AccessKey => (Text::fixed("the access key", "アクセスキー"), None),
        ResourceKind::IamUser => (Text::fixed("the IAM user", "IAM ユーザー"), None),
        ResourceKind::IamRole => (Text::fixed("the IAM role", "IAM ロール"), None),
        ResourceKind::Region => (Text::fixed("the Region", "リージョン"), None),
        ResourceKind::Account => (Text::fixed("the account", "アカウント"), None),
        ResourceKind::Address => (Text::fixed("the address", "アドレス"), None),
        ResourceKind::Domain => (Text::fixed("the domain", "ドメイン"), None),
        ResourceKind::Other => (Text::fixed("the resource", "リソース"), None),
    }
}
