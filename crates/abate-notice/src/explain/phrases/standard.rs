//! The sentences that every abuse notice carries around the accusation.

use abate_model::Text;

use super::{By, Phrase, asks, formed, says};
use crate::explain::Topic;

/// The phrases, in order.
pub(super) const PHRASES: &[Phrase] = &[
    says(
        Topic::Accusation,
        &["exploit:gen"],
        Text::fixed(
            "The name that the detecting system gives to the kind of attack. \"dot_env_leak\" is a search for .env files, in which passwords often stand.",
            "検知した仕組みが付けた、攻撃の種類の名前です。「dot_env_leak」は、パスワードが書かれていることの多い .env ファイルを探す行為を表します。",
        ),
        "Class: exploit:gen/dot_env_leak",
    ),
    says(
        Topic::Report,
        &["honeypot"],
        Text::fixed(
            "The report comes from a trap: a server that offers nothing and only notes who comes by. Nobody visits it by accident, so a mistake is less likely; but an address can still have changed hands.",
            "攻撃者を観察するための「おとり」サーバー（ハニーポット）による検知です。偶然アクセスすることはまずないため、誤りの可能性は低めです。ただし、アドレスの利用者が替わっていた可能性は残ります。",
        ),
        "The incident began when someone connected to a honeypot service.",
    ),
    says(
        Topic::Report,
        &[
            "included the original report",
            "original report is included",
            "original report below",
            "report is included below",
            "report below",
            "details below come from",
            "information provided below",
            "information below",
            "forwarded report",
            "report from the third party",
        ],
        Text::fixed(
            "What follows below was written by whoever reported it, not by AWS. AWS passes it on; it is not a proof, and parts of it can come from an attacker.",
            "この下にあるのは、AWS ではなく報告者が書いた内容です。AWS はそれを転送しているだけで、証明ではありません。攻撃者が書いた文字列が含まれることもあります。",
        ),
        "We've included the original report for you below: the original report below names the times.",
    ),
    says(
        Topic::Accusation,
        &[
            "received a report",
            "received a report(s)",
            "received report(s)",
            "received reports",
            "received an abuse report",
            "received a complaint",
            "received complaints",
            "reported to us",
        ],
        Text::fixed(
            "Someone has complained to AWS about traffic or content that came from your account, and AWS passes the complaint on. Which resource is meant and what it is said to have done follows.",
            "お使いのアカウントから出た通信やコンテンツについて、AWS に苦情が寄せられ、それが転送されてきました。対象のリソースと、指摘された行為は、このあとに書かれています。",
        ),
        "We've received a report(s) that your AWS resource(s)",
    ),
    says(
        Topic::Rule,
        &[
            "acceptable use policy",
            "aup",
            "service terms",
            "customer agreement",
            "not allowed on our service",
            "violates our terms",
            "is forbidden in",
        ],
        Text::fixed(
            "AWS reminds you of its rules for customers (Acceptable Use Policy). They forbid such use whoever causes it: that a stranger did it from your server does not release you from stopping it.",
            "AWS の利用規約（AUP、適正利用規約）に反するという指摘です。誰が行ったかは問われません。第三者が侵入して行った場合でも、止める責任は利用者側にあります。",
        ),
        "Activity of this nature is forbidden in the AWS Acceptable Use Policy (https://aws.amazon.com/aup/).",
    ),
    says(
        Topic::Advice,
        &[
            "unaware of this activity",
            "not aware of this activity",
            "been compromised by an external",
            "may have been compromised",
            "may be compromised",
            "external attacker",
            "environment has been compromised",
            "been compromised",
        ],
        Text::fixed(
            "AWS points out that a stranger may have broken in. It is a possibility, not a finding: AWS has not looked into your servers. If nobody at your place knows of the traffic, assume a break-in and do not tidy up before copies are made.",
            "第三者に侵入された可能性がある、という指摘です。AWS がサーバーの中を調べたわけではなく、可能性を述べているだけです。社内の誰も心当たりがなければ、侵入されたものと考え、記録を保存するまでは掃除をしないでください。",
        ),
        "If you're unaware of this activity, a stranger may have got in.",
    ),
    says(
        Topic::Limits,
        &["unable to assist", "cannot assist", "can't assist", "not able to assist", "unable to provide technical", "unable to help with"],
        Text::fixed(
            "This team only handles complaints. It does not help with the search for the cause or with repairs, and AWS Support does not handle complaints: the technical work is yours or your partner's.",
            "このチームは苦情対応だけを担当し、原因調査や復旧の支援は行いません。逆に、AWS サポートは不正利用の案件を扱いません。技術的な作業は、自社または保守を委託している会社で行う必要があります。",
        ),
        "We are unable to assist you with troubleshooting.",
    ),
    says(
        Topic::Limits,
        &["cannot share", "unable to share", "not able to share", "unable to disclose", "cannot disclose", "identity of the reporter"],
        Text::fixed(
            "AWS does not tell who reported it. You may ask through AWS; it passes questions on.",
            "報告者が誰かは知らされません。質問があれば、AWS を通じて尋ねることができます。",
        ),
        "We cannot share who sent the report.",
    ),
    says(
        Topic::Report,
        &[
            "original abuse reporter",
            "original reporter",
            "relayed to",
            "forward your reply",
            "forwarded to the reporter",
            "shared with the reporter",
        ],
        Text::fixed(
            "What you write may be passed on to the person who complained. Leave out what strangers should not know (names, keys, inner addresses).",
            "返信の内容が、報告者に伝えられることがあります。社外に知られたくないこと（氏名、キー、内部のアドレスなど）は書かないでください。",
        ),
        "Your answer will be relayed to the original reporter.",
    ),
    asks(
        &["change your passwords", "change all passwords", "rotate your passwords", "change your password"],
        Text::fixed(
            "Advice: change passwords and keys that were on the server, since an intruder can have read them.",
            "助言です。サーバーに置かれていたパスワードやキーは、侵入者に読まれた可能性があるため、変更してください。",
        ),
        Text::fixed("Change the passwords and keys that were on the server.", "サーバーにあったパスワードとキーを変更してください。"),
        "We suggest that you change your passwords.",
    ),
    says(
        Topic::Advice,
        &[
            "new instance",
            "launch a new",
            "rebuild the",
            "known good",
            "well before the compromise",
            "re-create the instance",
            "terminate the instance",
            "terminate your instance",
        ],
        Text::fixed(
            "Advice: build the server anew from a state that is surely clean, instead of cleaning the old one; cleaned servers are often infected again. Keep copies (snapshots) of the old one before it goes.",
            "助言です。古いサーバーを掃除するのではなく、確実に安全な状態から作り直してください。掃除だけでは、再び感染することがよくあります。古いサーバーは、消す前に写し（スナップショット）を残してください。",
        ),
        "We recommend that you launch a new server from a clean image.",
    ),
    says(
        Topic::Advice,
        &["security groups", "security group", "network acl", "firewall rules"],
        Text::fixed(
            "Advice: security groups are the firewall of your servers at AWS. Let in only what you need, and restrict what may go out.",
            "助言です。セキュリティグループは、AWS 上のサーバーのファイアウォールです。必要な通信だけを許可し、外向きの通信も絞ってください。",
        ),
        "* Amazon EC2 Security Groups User Guide",
    ),
    says(
        Topic::Advice,
        &["guardduty", "trusted advisor", "security hub", "inspector", "aws config", "best practices", "security best practice"],
        Text::fixed(
            "Advice: AWS names services and rules of conduct that find or prevent such things. It is optional, but good to mention among the measures once you use them.",
            "助言です。こうした問題を見つける、または防ぐためのサービスや指針が紹介されています。必須ではありませんが、導入すれば対策として返信に書けます。",
        ),
        "We recommend Amazon GuardDuty for this.",
    ),
    says(
        Topic::Advice,
        &[
            "following resources",
            "these pages may help",
            "following links",
            "following link",
            "for more information",
            "additional information can be found",
            "learn more",
            "user guide",
            "documentation",
            "may be helpful",
            "might be helpful",
            "helpful resources",
        ],
        Text::fixed(
            "Pages of AWS for further reading. Nothing is asked here.",
            "参考になる AWS のページの案内です。ここで求められていることはありません。",
        ),
        "For more information these pages may help:",
    ),
    says(
        Topic::Other,
        &["you are responsible for", "you're responsible for", "shared responsibility", "your responsibility"],
        Text::fixed(
            "AWS keeps its data centres safe; what runs on your servers and who may reach it is your part.",
            "AWS が守るのは設備や基盤です。サーバーの中身と、誰が接続できるかの管理は利用者の責任になります。",
        ),
        "You are responsible for what runs on your servers.",
    ),
    formed(
        By::Whole,
        Topic::Report,
        &[
            "details of the abusive activity",
            "details of the reported activity",
            "details of the activity",
            "details",
            "instances",
            "resources",
            "activity",
        ],
        Text::fixed(
            "A heading: the lines below say which resource, when and where to.",
            "見出しです。この下に、対象のリソース・時刻・宛先が書かれています。",
        ),
        "Details of the abusive activity:",
    ),
];
