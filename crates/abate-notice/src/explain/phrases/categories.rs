//! What each kind of abuse means, one phrase per category. The recognition words are those of the categories themselves, so that
//! the two cannot drift apart; words here only add to them.

use abate_model::{Category, Text};

use super::{By, Phrase};
use crate::explain::Topic;

const fn accuses(category: Category, words: &'static [&'static str], means: Text, example: &'static str) -> Phrase {
    Phrase { words, by: By::Category(category), topic: Topic::Accusation, means, value: None, asks: None, example }
}

/// The phrase of a category.
pub(in crate::explain) fn of(category: Category) -> Option<&'static Phrase> {
    PHRASES.iter().find(|p| p.by == By::Category(category))
}

/// The phrases, in the order in which a sentence is taken for one of them: narrower ones first.
pub(super) static PHRASES: &[Phrase] = &[
    accuses(
        Category::Botnet,
        &[],
        Text::fixed(
            "A server of yours is said to be infected with harmful software and to obey someone outside, together with many others (a botnet). It must be taken for broken into until the opposite is shown.",
            "お使いのサーバーがマルウェア（不正なプログラム）に感染し、外部の第三者に操られる多数の機器（ボットネット）の一つになっている疑いです。問題がないと確認できるまでは、侵入されたものとして扱ってください。",
        ),
        "has been implicated in activity that indicates that it may be infected with malware and may be part of a botnet.",
    ),
    accuses(
        Category::Phishing,
        &[],
        Text::fixed(
            "A page on your resource is said to imitate someone else's site in order to steal passwords or card numbers. Often an intruder has put it there, for instance through an old plug-in of the website.",
            "お使いのリソース上のページが、他社のサイトを装い、パスワードやカード番号を盗もうとしている疑いです。サイトの古いプラグインなどから侵入した第三者が、ページを置いていることがよくあります。",
        ),
        "has been implicated in hosting content that resembles a phishing website.",
    ),
    accuses(
        Category::OpenResolver,
        &[],
        Text::fixed(
            "A name server (DNS) on your resource is said to answer anyone on the internet. Attackers use such servers to multiply their attacks on others.",
            "お使いのリソースの DNS サーバー（名前解決の仕組み）が、誰からの問い合わせにも応じている、という指摘です。他者への攻撃を増幅するために悪用されます。",
        ),
        "has been implicated in operating an open DNS resolver.",
    ),
    accuses(
        Category::OpenProxy,
        &[],
        Text::fixed(
            "Your resource is said to pass on traffic for anyone who asks, so that strangers can act under your address. AWS does not allow that.",
            "お使いのリソースが、誰からの通信でも中継する状態（オープンプロキシ）になっている疑いです。第三者がお使いのアドレスを名乗って行動できてしまうため、AWS では認められていません。",
        ),
        "has been operating in a way that resembles an open proxy.",
    ),
    accuses(
        Category::CryptoMining,
        &[],
        Text::fixed(
            "Your servers are said to compute cryptocurrency. If you did not set that up, an intruder is earning money at your expense: look for servers you do not know, in every Region, and at the bill.",
            "お使いのサーバーが暗号資産の採掘（マイニング）をしている疑いです。自社で行っていなければ、侵入者が、お使いのアカウントの費用で利益を得ています。見覚えのないサーバーを全リージョンで探し、請求額も確認してください。",
        ),
        "has been implicated in activity which resembles cryptocurrency mining.",
    ),
    accuses(
        Category::Dos,
        &[],
        Text::fixed(
            "Your resource is said to have sent so much traffic to others that their service may have broken down under it. Usually someone else controls the server, or an open service on it is used as an amplifier.",
            "お使いのリソースから大量の通信が送られ、相手のサービスを妨害した疑いです（DoS 攻撃）。多くの場合、サーバーが第三者に操られているか、公開されたサービスが攻撃の増幅に使われています。",
        ),
        "has been implicated in activity that resembles a Denial of Service attack against remote hosts",
    ),
    accuses(
        Category::PortScan,
        &[],
        Text::fixed(
            "Your resource is said to have knocked at many doors (ports) of other people's computers to see which are open. That is how break-ins are prepared, so the server may be in someone else's hands. A test that you ordered yourself can be explained as a use case.",
            "お使いのリソースが、他者のコンピューターの通信口（ポート）を次々に調べた疑いです。攻撃の下調べとして行われるため、サーバーが第三者に操られている可能性があります。自社で意図して行った調査であれば、用途として説明できます。",
        ),
        "has been port scanning remote hosts on the Internet",
    ),
    accuses(
        Category::Spam,
        &["unsolicited email", "unsolicited e-mail"],
        Text::fixed(
            "Mails or messages that nobody asked for are said to have gone out from your resource. Usual causes: a contact form or a mail server that strangers can use, or a stolen password or key.",
            "依頼されていない迷惑メールやメッセージが、お使いのリソースから送られた疑いです。よくある原因は、第三者に悪用された問い合わせフォームやメールサーバー、盗まれたパスワードやキーです。",
        ),
        "has been implicated in activity that resembles the sending of spam or unsolicited email.",
    ),
    accuses(
        Category::Crawling,
        &[],
        Text::fixed(
            "Your resource is said to fetch pages of other people's websites in bulk. That can be your own program (then describe it, slow it down and name a contact) or a sign that someone else uses the server.",
            "お使いのリソースが、他者のウェブサイトのページを大量に取得している疑いです。自社のプログラムであれば、用途を説明し、速度を落とし、連絡先を明示してください。心当たりがなければ、第三者に使われている可能性があります。",
        ),
        "has been implicated in activity which resembles web-crawling.",
    ),
    accuses(
        Category::Copyright,
        &[],
        Text::fixed(
            "Someone claims that material on your resource infringes a copyright. That is a legal claim, and so is an objection to it (a counter-notice): let a lawyer look at it before you sign anything.",
            "お使いのリソースにある素材が著作権を侵害している、という申し立てです。これは法律上の主張であり、反論（異議申し立て）も法律上の文書になります。署名する前に弁護士に相談してください。",
        ),
        "We received a notice of claimed infringement about your site.",
    ),
    accuses(
        Category::ModelAbuse,
        &["model abuse", "model misuse"],
        Text::fixed(
            "An AI model is said to have been used from your account against the rules. Either your own application did it, or someone has a key of yours.",
            "お使いのアカウントから、生成 AI のモデルが規則に反する形で使われた疑いです。自社のアプリケーションによるものか、キーを入手した第三者によるものかを確認してください。",
        ),
        "The account is implicated in model abuse.",
    ),
    accuses(
        Category::Intrusion,
        &[],
        Text::fixed(
            "Your resource is said to have tried to get into other people's computers without permission, for instance by trying out passwords or known weaknesses. This is the commonest notice; mostly the server itself was broken into first.",
            "お使いのリソースが、他者のコンピューターに無断で入ろうとした疑いです（パスワードを次々に試す、既知の弱点を突くなど）。最も多い通知で、多くの場合、まず自社のサーバーが侵入されています。",
        ),
        "has been implicated in activity which resembles attempts to access remote hosts on the internet without authorization.",
    ),
    accuses(
        Category::CompromisedCredentials,
        &["compromised credentials", "exposed credentials"],
        Text::fixed(
            "A key or password of your account is said to be in the wrong hands. Whoever has it can act in your name.",
            "アカウントのキーやパスワードが、第三者の手に渡っている疑いです。入手した人は、本来の利用者になりすまして操作できます。",
        ),
        "The account uses compromised credentials.",
    ),
    accuses(
        Category::Vulnerability,
        &[],
        Text::fixed(
            "A service of yours is open to the internet in a way that others could misuse. The notice does not say that anyone has done so; look whether it happened, and close the service.",
            "お使いのサービスが、悪用され得る状態でインターネットに公開されている、という指摘です。すでに悪用されたとは書かれていません。悪用の有無を調べ、公開をやめてください。",
        ),
        "We've received a vulnerability report implicating resources on your account.",
    ),
    accuses(
        Category::Malware,
        &[],
        Text::fixed(
            "Harmful programs are said to be offered for download on your resource. Often an intruder has put them there.",
            "お使いのリソースで、マルウェア（不正なプログラム）が配布されている疑いです。侵入した第三者がファイルを置いていることがよくあります。",
        ),
        "has been implicated in hosting malware.",
    ),
    accuses(
        Category::Content,
        &[],
        Text::fixed(
            "A site on your resource is said to show something that AWS's rules forbid. What exactly should stand in the report below; if it does not, ask AWS.",
            "お使いのリソース上のサイトに、AWS の利用規約で禁止された内容がある疑いです。具体的な内容は下の報告に書かれているはずです。書かれていなければ、AWS に尋ねてください。",
        ),
        "has been implicated in hosting a website that may contain content forbidden in the AWS Acceptable Use Policy.",
    ),
    accuses(
        Category::Other,
        &["abusive behavior", "fraudulent activity", "credit card fraud", "implicated in"],
        Text::fixed(
            "AWS passes on an accusation that belongs to none of the usual kinds. The report below should say what is meant.",
            "よくある分類に当てはまらない不正利用の指摘です。具体的な内容は、下の報告に書かれているはずです。",
        ),
        "has been implicated in fraudulent activity on another site.",
    ),
];
