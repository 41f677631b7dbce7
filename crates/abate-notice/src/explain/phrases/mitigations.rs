//! What AWS has blocked or limited. None of it shows in security groups, network ACLs or firewalls, and none ends by itself; those
//! two facts are said once, in the list of what happens on silence, and with the announcement.

use abate_model::Text;

use super::{By, Phrase, Slot, formed, says};
use crate::explain::Topic;

const fn blocks(words: &'static [&'static str], port: Text, means: Text, example: &'static str) -> Phrase {
    Phrase { words, by: By::Block, topic: Topic::Mitigation, means, value: Some((Slot::Port, port)), asks: None, example }
}

/// The phrases, in order.
pub(super) const PHRASES: &[Phrase] = &[
    formed(
        By::Deed,
        Topic::Mitigation,
        &[
            "taken the following actions",
            "taken the following action",
            "taken the following steps",
            "taken the following step",
            "the following mitigations",
            "the following mitigation",
        ],
        Text::fixed(
            "AWS has not only written, it has already acted: what follows is in force now. Such blocks do not show in your security groups, network ACLs or firewalls, and they do not end by themselves: name each of them in your answer and ask for its removal.",
            "AWS は連絡だけでなく、すでに措置を取っています。以下の制限は現在有効です。これらはセキュリティグループ・ネットワーク ACL・ファイアウォールの設定には現れず、自然に解除されることもありません。返信の中で一つずつ名前を挙げて、解除を依頼してください。",
        ),
        "In order to protect others we have taken the following actions:",
    ),
    formed(
        By::Deed,
        Topic::Mitigation,
        &[
            "awscompromisedkeyquarantine",
            "awscompromisedkeyquarantinev2",
            "awscompromisedkeyquarantinev3",
            "awsexposedcredentialpolicy_do_not_remove",
        ],
        Text::fixed(
            "AWS has attached a policy of its own to the user whose key leaked. It forbids some of the actions that intruders like (starting servers, making new users and keys) but not all: the key still works for the rest. Leave the policy in place until the key is gone and AWS agrees.",
            "漏えいしたキーの持ち主であるユーザーに、AWS が専用のポリシーを付けました。侵入者がよく使う操作（サーバーの起動、ユーザーやキーの作成など）の一部を禁止するもので、すべてを止めるわけではありません。それ以外の操作にはキーがまだ使えます。キーを無効にし、AWS の了承を得るまで、このポリシーを外さないでください。",
        ),
        "The policy AWSCompromisedKeyQuarantineV2 is now on your user.",
    ),
    formed(
        By::Deed,
        Topic::Mitigation,
        &["administrative access only", "administrative access", "except administrative"],
        Text::fixed(
            "AWS has cut the resource off from the network; only the ports for administration are left open so that you can look at it. Whatever the resource served is down.",
            "AWS がリソースをネットワークから切り離しました。調査ができるように、管理用の通信だけが残されています。このリソースが提供していたサービスは停止しています。",
        ),
        "Blocked all traffic, allowing administrative access only.",
    ),
    formed(
        By::Deed,
        Topic::Mitigation,
        &["blackholed", "black-holed", "null routed", "null-routed"],
        Text::fixed(
            "AWS throws away all traffic of this address. To you it looks as if the network were broken; changing your own settings does not help.",
            "このアドレスの通信は、AWS 側ですべて破棄されています。ネットワークの故障のように見えますが、利用者側の設定を変えても直りません。",
        ),
        "The address of the instance was blackholed.",
    ),
    formed(
        By::Deed,
        Topic::Mitigation,
        &[
            "blocked start and stop",
            "blocked stop and start",
            "start and stop of",
            "starting and stopping",
            "blocked start",
            "blocked stop",
        ],
        Text::fixed(
            "You can no longer start or stop virtual servers there. Attempts fail with \"This request has been administratively disabled\". Servers that are running go on running; one that is stopped cannot be started again.",
            "仮想サーバーの起動と停止ができなくなっています。操作すると「This request has been administratively disabled」というエラーになります。動いているサーバーはそのまま動き続けますが、止まっているものは起動できません。",
        ),
        "Blocked Start and Stop of instances in this Region.",
    ),
    formed(
        By::Deed,
        Topic::Mitigation,
        &["administratively disabled"],
        Text::fixed(
            "AWS has switched this function off for your account because of the abuse matter; it is not an error of your settings. Ask for it back in your answer.",
            "不正利用の件を理由に、AWS がこの機能を止めています。設定の誤りではありません。返信の中で再開を依頼してください。",
        ),
        "The request was administratively disabled for your account.",
    ),
    blocks(
        &[
            "blocked outbound",
            "blocked outgoing",
            "outgoing port",
            "outbound port",
            "outgoing traffic has been blocked",
            "outbound traffic has been blocked",
            "blocked all outbound",
            "blocked all outgoing",
            "outbound traffic on port",
        ],
        Text::fixed("AWS has blocked what your resource sends out to {}.", "お使いのリソースから{}への送信を、AWS が遮断しています。"),
        Text::fixed(
            "Connections that your resource begins to others on the named ports get no answer. Your own services that use the same ports (updates, mail, calls to other servers) fail too.",
            "リソースから外部への、記載されたポートの通信がつながりません。同じポートを使う自社の処理（更新プログラムの取得、メール送信、他サーバーの呼び出しなど）も失敗します。",
        ),
        "Blocked OUTBOUND TCP traffic from the instance on port 22",
    ),
    blocks(
        &[
            "blocked inbound",
            "blocked incoming",
            "incoming port",
            "inbound port",
            "inbound traffic has been blocked",
            "blocked all inbound",
        ],
        Text::fixed(
            "AWS has blocked what others send to your resource on {}.",
            "外部からお使いのリソースの{}への通信を、AWS が遮断しています。",
        ),
        Text::fixed(
            "Nobody can reach the named ports of your resource from outside, whatever your security group says.",
            "セキュリティグループの設定にかかわらず、記載されたポートへは外部から接続できません。",
        ),
        "Blocked INBOUND UDP traffic to the instance on port 11211",
    ),
    formed(
        By::Deed,
        Topic::Mitigation,
        &[
            "blocked all traffic",
            "all traffic has been blocked",
            "blocked all network traffic",
            "isolated your instance",
            "has been isolated",
        ],
        Text::fixed(
            "AWS has cut the resource off from the network altogether. What it served is down until AWS lifts the block.",
            "AWS がリソースの通信をすべて遮断しました。AWS が解除するまで、提供していたサービスは停止したままです。",
        ),
        "Blocked all traffic of the instance",
    ),
    formed(
        By::Deed,
        Topic::Mitigation,
        &["temporarily limited", "limited your ability", "limited some services", "services have been limited", "restricted your ability"],
        Text::fixed(
            "AWS has limited what this account may do, mostly the starting of new servers or other costly services, until you have done what the mail asks.",
            "メールで求められている対応が終わるまで、このアカウントでできることが制限されています。多くの場合、新しいサーバーの起動など、費用のかかる操作が対象です。",
        ),
        "The use of some services was temporarily limited.",
    ),
    formed(
        By::Deed,
        Topic::Mitigation,
        &[
            "account has been suspended",
            "have suspended your account",
            "account is suspended",
            "we've suspended your account",
            "account was suspended",
        ],
        Text::fixed(
            "The whole account is suspended: nothing can be started or changed, and services may be down. Write from the root or security contact's address, with the account id; data can be lost if the suspension lasts.",
            "アカウント全体が停止されています。操作ができず、サービスも止まっている可能性があります。ルートユーザーまたはセキュリティ担当の連絡先アドレスから、アカウント ID を添えて連絡してください。停止が長引くとデータを失うおそれがあります。",
        ),
        "As of today your account has been suspended.",
    ),
    formed(
        By::Deed,
        Topic::Mitigation,
        &[
            "has been stopped by aws",
            "we have stopped your instance",
            "we have stopped the instance",
            "we have suspended the instance",
            "instance has been suspended",
            "have suspended the resource",
            "resource has been suspended",
        ],
        Text::fixed(
            "AWS has stopped the resource itself. What it served is down until AWS allows it again.",
            "AWS がリソース自体を停止しました。AWS が許可するまで、提供していたサービスは止まったままです。",
        ),
        "For the time being we have stopped the instance.",
    ),
    formed(
        By::Deed,
        Topic::Mitigation,
        &[
            "we have removed the content",
            "we have disabled access to",
            "content has been removed",
            "content has been disabled",
            "distribution has been disabled",
            "bucket has been disabled",
        ],
        Text::fixed(
            "AWS has taken the reported content off the net itself. Putting it back without AWS's word would make matters worse.",
            "報告されたコンテンツを AWS が公開停止にしました。AWS の了承なしに再公開すると、状況が悪化します。",
        ),
        "Because of this report we have disabled access to the page.",
    ),
    says(
        Topic::Mitigation,
        &[
            "will remain in place",
            "will remain in effect",
            "remain blocked until",
            "remain in place until",
            "restrictions will be removed",
            "block will be removed",
            "will be lifted",
            "can be lifted",
            "to remove the block",
            "to have the block removed",
            "mitigation will be removed",
            "mitigations will be removed",
        ],
        Text::fixed(
            "The blocks stay until AWS lifts them. For that AWS wants to know what the cause was and what now prevents it; ask for each block by name.",
            "制限は、AWS が解除するまで続きます。解除には、原因と再発防止策の説明が必要です。制限を一つずつ名前で挙げて依頼してください。",
        ),
        "These blocks will remain in place while the matter is open.",
    ),
];
