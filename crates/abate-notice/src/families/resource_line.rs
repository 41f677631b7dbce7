//! F3: account, Region and resource on one line, then the sentence that says what it has been implicated in.

use abate_model::{Family, NoticeKind, ResourceKind as Kind};

use crate::fields::Key::{Account, OwnAddress, Resource};
use crate::fields::Label;

use super::Layout;
use super::Mark::{ClassicLine, Says, Stands};

/// How it is recognised.
pub(super) const LAYOUT: Layout = Layout {
    family: Family::ResourceLine,
    when: &[
        &[ClassicLine],
        &[Says("your aws resource(s)")],
        &[Stands(NoticeKind::First), Says("has been implicated in")],
        &[Stands(NoticeKind::First), Says("been operating in a way which resembles")],
    ],
    labels: &[
        Label("aws id", Account, true),
        Label("ec2 instance id", Resource(Some(Kind::Ec2Instance)), true),
        Label("ec2 instance", Resource(Some(Kind::Ec2Instance)), true),
        Label("network interface id", Resource(Some(Kind::NetworkInterface)), true),
        Label("nat gateway id", Resource(Some(Kind::NatGateway)), true),
        Label("load balancer dns name", Resource(Some(Kind::LoadBalancer)), true),
        Label("elb dns name", Resource(Some(Kind::LoadBalancer)), true),
        Label("load balancer name", Resource(Some(Kind::LoadBalancer)), true),
        Label("load balancer", Resource(Some(Kind::LoadBalancer)), false),
        Label("lightsail instance name", Resource(Some(Kind::Lightsail)), true),
        Label("lightsail instance id", Resource(Some(Kind::Lightsail)), true),
        Label("lightsail instance", Resource(Some(Kind::Lightsail)), true),
        Label("cloudfront distribution id", Resource(Some(Kind::CloudFront)), true),
        Label("cloudfront distribution", Resource(Some(Kind::CloudFront)), true),
        Label("distribution id", Resource(Some(Kind::CloudFront)), true),
        Label("s3 bucket name", Resource(Some(Kind::S3Bucket)), true),
        Label("s3 bucket", Resource(Some(Kind::S3Bucket)), true),
        Label("bucket name", Resource(Some(Kind::S3Bucket)), true),
        Label("elastic ip", OwnAddress, false),
        Label("public ip", OwnAddress, false),
        Label("static ip", OwnAddress, false),
    ],
    examples: &[
        "We've received a report(s) that your AWS resource(s)\n\nAWS ID: 111122223333    Region: us-west-2    EC2 Instance Id: i-0123456789abcdef0 [203.0.113.7]\n\nhas been implicated in activity which resembles web-crawling.",
    ],
};
