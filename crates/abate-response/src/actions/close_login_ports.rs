//! `close-login-ports`: take remote login off the Internet.

use abate_model::{CauseClass, Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "close-login-ports",
    phase: Phase::Prevent,
    when: |facts| {
        facts.when_or(
            &[Claim::SshLoginAfterBruteForce, Claim::SshLoginFromNewPlace, Claim::LoginAfterBruteForce, Claim::LoginFromNewPlace],
            &[],
            Some(CauseClass::WeakRemoteLogin),
        )
    },
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Close ports 22 and 3389 to the Internet and use Session Manager",
        "22 番・3389 番ポートをインターネットに対して閉じ、Session Manager を利用する",
    ),
    done_text: Text::fixed(
        "We closed remote login (ports 22 and 3389) to the Internet and use Session Manager instead.",
        "リモートログイン（22・3389 番ポート）をインターネットに対して閉じ、Session Manager に切り替えました。",
    ),
    why: Text::fixed("Every address on the Internet is guessed at all day.", "インターネット上のアドレスは常に総当たりを受けている。"),
    risk: Text::fixed("Set up Session Manager first, or nobody gets in.", "先に Session Manager を用意しないと、誰も入れなくなる。"),
    undo: Text::fixed(
        "aws ec2 authorize-security-group-ingress --region {region} for named networks",
        "必要なネットワークに限って aws ec2 authorize-security-group-ingress --region {region} で許可する",
    ),
    how: Text::fixed(
        "aws ssm describe-instance-information --region {region} (the host must be listed)\naws ec2 revoke-security-group-ingress --region {region} --group-id SG --protocol tcp --port 22 --cidr 0.0.0.0/0",
        "aws ssm describe-instance-information --region {region}（対象ホストが表示されること）\naws ec2 revoke-security-group-ingress --region {region} --group-id SG --protocol tcp --port 22 --cidr 0.0.0.0/0",
    ),
};
