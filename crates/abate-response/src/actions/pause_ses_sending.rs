//! `pause-ses-sending`: stop mail that goes out through Amazon SES.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "pause-ses-sending",
    phase: Phase::Contain,
    when: |facts| facts.when(&[Claim::SesAbuse]),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed("Pause sending in Amazon SES until the sender is known", "送信元が判明するまで Amazon SES の送信を一時停止する"),
    done_text: Text::fixed("We paused sending in Amazon SES.", "Amazon SES の送信を一時停止しました。"),
    why: Text::fixed(
        "Mail is being sent, or sending is being prepared, by someone else.",
        "第三者がメールを送信している、または送信の準備をしている。",
    ),
    risk: Text::fixed(
        "Legitimate mail stops as well. SMTP credentials are keys of IAM users: they must be deactivated too.",
        "正規のメールも止まる。SMTP 認証情報は IAM ユーザーのキーなので、それも無効化する。",
    ),
    undo: Text::fixed(
        "aws sesv2 put-account-sending-attributes --region {region} --sending-enabled",
        "aws sesv2 put-account-sending-attributes --region {region} --sending-enabled",
    ),
    how: Text::fixed(
        "aws sesv2 put-account-sending-attributes --region {region} --no-sending-enabled (in every Region in which SES is used)\naws sesv2 list-email-identities --region {region} (delete identities that are not yours)",
        "aws sesv2 put-account-sending-attributes --region {region} --no-sending-enabled（SES を利用している全リージョンで）\naws sesv2 list-email-identities --region {region}（自社のものでない ID は削除）",
    ),
};
