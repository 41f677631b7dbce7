//! Lines of the form `Label: value`. A field is recognised by what its label announces, so every spelling of a label that the
//! reader of notices knows is known here too.

use abate_model::Text;

use super::{By, Phrase, Slot};
use crate::explain::Topic;
use crate::fields::Key;

const fn field(
    keys: &'static [Key],
    words: &'static [&'static str],
    topic: Topic,
    value: (Slot, Text),
    means: Text,
    example: &'static str,
) -> Phrase {
    Phrase { words, by: By::Field(keys), topic, means, value: Some(value), asks: None, example }
}

/// The phrases, in order.
pub(in crate::explain) static PHRASES: &[Phrase] = &[
    field(
        &[Key::Account],
        &[],
        Topic::Identification,
        (Slot::Account, Text::fixed("It concerns the AWS account {}.", "対象の AWS アカウントは {} です。")),
        Text::fixed("Check that the account is yours.", "自社のアカウントかどうかを確認してください。"),
        "AWS Account ID: 111122223333",
    ),
    field(
        &[Key::Region],
        &[],
        Topic::Identification,
        (Slot::Region, Text::fixed("The Region (place of the data centre) is {}.", "リージョン（データセンターの地域）は {} です。")),
        Text::fixed(
            "The console shows one Region at a time: switch to this one to see the resource.",
            "コンソールには一度に一つのリージョンしか表示されません。このリージョンに切り替えて確認してください。",
        ),
        "Region(s): ap-northeast-1",
    ),
    field(
        &[Key::Resource(None)],
        &[],
        Topic::Identification,
        (Slot::Resource, Text::fixed("The reported resource is {}.", "報告された対象は{}です。")),
        Text::fixed(
            "First find out what runs there and who is in charge of it.",
            "まず、何が動いているのか、担当者は誰かを確認してください。",
        ),
        "Implicated Resource: EC2 Instance Id: i-0123456789abcdef0 [203.0.113.7]",
    ),
    field(
        &[Key::OwnAddress],
        &[],
        Topic::Identification,
        (Slot::Address, Text::fixed("The traffic came from the address {}.", "通信の送信元アドレスは {} です。")),
        Text::fixed(
            "Find out to which resource it belonged at the reported time; addresses at AWS change hands.",
            "報告された時刻に、どのリソースのアドレスだったかを確認してください。AWS のアドレスは、利用者が替わることがあります。",
        ),
        "IP Address: 203.0.113.143",
    ),
    field(
        &[Key::Activity],
        &[],
        Topic::Accusation,
        (Slot::Category, Text::fixed("Reported: {}.", "報告された行為: {}。")),
        Text::fixed("This is what the resource is said to have done.", "リソースが行ったとされる行為です。"),
        "Reported Activity: Port Scanning",
    ),
    field(
        &[Key::Vulnerability],
        &[],
        Topic::Accusation,
        (Slot::Service, Text::fixed("The reported weakness: {}.", "指摘された弱点: {}。")),
        Text::fixed(
            "If nobody outside needs the service, close its port in the security group.",
            "社外からの利用が不要であれば、セキュリティグループでポートを閉じてください。",
        ),
        "Reported Vulnerability: rpcbind_portmapper",
    ),
    field(
        &[Key::RequiredAction, Key::Action],
        &[],
        Topic::Request,
        (Slot::Written, Text::fixed("AWS's words: \"{}\".", "AWS の原文: 「{}」。")),
        Text::fixed("This is what AWS wants you to do.", "AWS が求めている対応です。"),
        "Required Actions: Water the plants",
    ),
    field(
        &[Key::Time],
        &[],
        Topic::Time,
        (Slot::Time, Text::fixed("The activity was seen at {}.", "行為が確認された時刻は、{}です。")),
        Text::fixed(
            "Look in your logs around this time; it may have begun earlier.",
            "この時刻の前後のログを確認してください。実際には、もっと前から始まっていた可能性があります。",
        ),
        "Abuse Time: 10 Jul 2024 02:11:05 UTC",
    ),
    field(
        &[Key::Begin],
        &[],
        Topic::Time,
        (Slot::Time, Text::fixed("What was seen began at {}.", "確認された行為の開始時刻は、{}です。")),
        Text::fixed(
            "It is the beginning of what was seen, not necessarily of the activity.",
            "観測された範囲の始まりです。実際の開始は、もっと前の可能性があります。",
        ),
        "Report begin time: 2019-05-14 02:04:18 UTC",
    ),
    field(
        &[Key::End],
        &[],
        Topic::Time,
        (Slot::Time, Text::fixed("What was seen ended at {}.", "確認された行為の終了時刻は、{}です。")),
        Text::fixed("It may have gone on afterwards unseen.", "その後も続いていた可能性があります。"),
        "Report end time: 2019-05-14 02:05:18 UTC",
    ),
    field(
        &[Key::Date, Key::Clock],
        &[],
        Topic::Time,
        (Slot::Written, Text::fixed("As written: {}.", "記載: {}。")),
        Text::fixed(
            "The day or the time of day of the activity, as the report form has it; day, time and zone stand in separate lines.",
            "報告フォームに記入された日付または時刻です。日付・時刻・タイムゾーンは別々の行に書かれています。",
        ),
        "Abuse date (yyyy-mm-dd)*: 2018-01-02",
    ),
    field(
        &[Key::Zone],
        &[],
        Topic::Time,
        (Slot::Written, Text::fixed("As written: {}.", "記載: {}。")),
        Text::fixed(
            "The time zone of the times in the report. Japanese time is +0900, nine hours ahead of UTC.",
            "報告に書かれた時刻のタイムゾーンです。日本時間は +0900 で、UTC より 9 時間進んでいます。",
        ),
        "Time zone*: -0800",
    ),
    field(
        &[Key::RemoteAddress],
        &[],
        Topic::Traffic,
        (Slot::Address, Text::fixed("The other side: {}.", "相手側のアドレス: {}。")),
        Text::fixed(
            "The computer that is said to have received your traffic. Search your flow logs for it; do not contact it.",
            "通信を受けたとされる相手です。VPC フローログでこのアドレスを探してください。相手に直接連絡する必要はありません。",
        ),
        "Remote IP: 198.51.100.219",
    ),
    field(
        &[Key::RemotePort],
        &[],
        Topic::Traffic,
        (Slot::Port, Text::fixed("Contacted was {}.", "接続先は{}です。")),
        Text::fixed(
            "The port is the door at the other side: it tells which kind of service was meant.",
            "ポートは相手側の通信口の番号で、どの種類のサービスに向けた通信かが分かります。",
        ),
        "Remote port(s): 53",
    ),
    field(
        &[Key::Protocol],
        &[],
        Topic::Traffic,
        (Slot::Protocol, Text::fixed("The kind of traffic is {}.", "通信の種類は {} です。")),
        Text::fixed(
            "TCP is a conversation with both sides taking part; with UDP the sender's address can be forged.",
            "TCP は双方がやり取りする通信です。UDP は送信元アドレスを偽装できます。",
        ),
        "Protocol: UDP",
    ),
    field(
        &[Key::Url],
        &[],
        Topic::Traffic,
        (Slot::Written, Text::fixed("The page {} is meant.", "対象のページは {} です。")),
        Text::fixed(
            "Do not open it in your browser: it can be harmful. \"hxxp\" and square brackets are there to keep it from being a link.",
            "有害なページの可能性があるため、ブラウザーで開かないでください。「hxxp」や角括弧は、誤って開かないようにするための書き方です。",
        ),
        "URL: hxxps://login[.]example[.]net/auth",
    ),
    field(
        &[Key::Case],
        &[],
        Topic::Identification,
        (Slot::Written, Text::fixed("AWS's number of the matter is {}.", "AWS の案件番号は {} です。")),
        Text::fixed(
            "Give it whenever you write about the matter; it is not your account number.",
            "問い合わせの際に伝える番号です。アカウント番号ではありません。",
        ),
        "Case Number: 10000000033-1",
    ),
    field(
        &[Key::Detail],
        &["total bytes sent", "total bytes received"],
        Topic::Traffic,
        (Slot::Bytes, Text::fixed("The amount is {}.", "通信量は {} です。")),
        Text::fixed(
            "How much was counted in the reported time. Compare it with your flow logs.",
            "報告された時間内に計測された量です。VPC フローログの値と比べてください。",
        ),
        "Total bytes sent: 7340032000",
    ),
    field(
        &[Key::Detail],
        &["total packets sent", "total packets received"],
        Topic::Traffic,
        (Slot::Written, Text::fixed("{} packets were counted.", "パケット数は {} です。")),
        Text::fixed(
            "A packet is one piece of traffic; very many in a short time mean a flood.",
            "パケットは通信の最小のまとまりです。短時間に極端に多い場合は、大量送信（フラッド）を意味します。",
        ),
        "Total packets sent: 5120000",
    ),
    field(
        &[Key::Detail],
        &["effective date"],
        Topic::Time,
        (Slot::Time, Text::fixed("It takes effect at {}.", "{}から有効になります。")),
        Text::fixed("From then on what the mail announces is in force.", "この時刻から、メールに書かれた措置が適用されます。"),
        "Effective date: 2026-09-27 06:16 (UTC)",
    ),
    field(
        &[Key::Log],
        &[],
        Topic::Report,
        (Slot::Written, Text::fixed("Quoted: \"{}\".", "引用: 「{}」。")),
        Text::fixed(
            "Lines of the reporter's log. Their times are in the reporter's time zone unless one is written there.",
            "報告者のログからの抜粋です。タイムゾーンが書かれていなければ、報告者側の時刻です。",
        ),
        "Log Extract: 2017-03-03 03:33:33 UTC cnc.example.net",
    ),
];
