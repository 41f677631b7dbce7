//! What a notice can accuse a resource of.

use serde::{Deserialize, Serialize};

use crate::Text;

/// A kind of reported abuse. The names are those of the JSON outputs; every AWS Health `ABUSE` code maps to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Category {
    Spam,
    PortScan,
    Dos,
    Intrusion,
    Botnet,
    Malware,
    Phishing,
    Content,
    Crawling,
    OpenProxy,
    OpenResolver,
    Vulnerability,
    CompromisedCredentials,
    Copyright,
    CryptoMining,
    ModelAbuse,
    Other,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 17] = [
        Self::Spam,
        Self::PortScan,
        Self::Dos,
        Self::Intrusion,
        Self::Botnet,
        Self::Malware,
        Self::Phishing,
        Self::Content,
        Self::Crawling,
        Self::OpenProxy,
        Self::OpenResolver,
        Self::Vulnerability,
        Self::CompromisedCredentials,
        Self::Copyright,
        Self::CryptoMining,
        Self::ModelAbuse,
        Self::Other,
    ];

    /// The name used in JSON and on the command line.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::PortScan => "port-scan",
            Self::Dos => "dos",
            Self::Intrusion => "intrusion",
            Self::Botnet => "botnet",
            Self::Malware => "malware",
            Self::Phishing => "phishing",
            Self::Content => "content",
            Self::Crawling => "crawling",
            Self::OpenProxy => "open-proxy",
            Self::OpenResolver => "open-resolver",
            Self::Vulnerability => "vulnerability",
            Self::CompromisedCredentials => "compromised-credentials",
            Self::Copyright => "copyright",
            Self::CryptoMining => "crypto-mining",
            Self::ModelAbuse => "model-abuse",
            Self::Other => "other",
        }
    }

    /// What the category is called, as a noun phrase that fits after "reported:" and, in English, inside a sentence of a
    /// letter ("the reported port scanning").
    #[must_use]
    pub const fn title(self) -> Text {
        match self {
            Self::Spam => Text::fixed("sending of spam or unsolicited e-mail", "スパム・迷惑メールの送信"),
            Self::PortScan => Text::fixed("port scanning of remote hosts", "外部ホストへのポートスキャン"),
            Self::Dos => Text::fixed("denial-of-service traffic towards remote hosts", "外部ホストへのサービス妨害（DoS）攻撃"),
            Self::Intrusion => Text::fixed("intrusion attempts against remote hosts", "外部ホストへの不正侵入の試み"),
            Self::Botnet => Text::fixed("malware infection and participation in a botnet", "マルウェア感染・ボットネットへの参加"),
            Self::Malware => Text::fixed("hosting or distribution of malware", "マルウェアの設置・配布"),
            Self::Phishing => Text::fixed("hosting of a phishing website", "フィッシングサイトの設置"),
            Self::Content => {
                Text::fixed("hosting of content forbidden by the AWS Acceptable Use Policy", "利用規約（AUP）で禁止されたコンテンツの公開")
            }
            Self::Crawling => Text::fixed("web crawling", "ウェブクローリング"),
            Self::OpenProxy => Text::fixed("operation of an open proxy", "オープンプロキシの運用"),
            Self::OpenResolver => Text::fixed("operation of an open DNS resolver or amplifier", "オープンリゾルバー・増幅攻撃の踏み台"),
            Self::Vulnerability => Text::fixed("an exposed vulnerable service", "脆弱なサービスの公開"),
            Self::CompromisedCredentials => Text::fixed("compromised or exposed AWS credentials", "AWS 認証情報の漏えい・不正利用"),
            Self::Copyright => Text::fixed("an alleged copyright infringement", "著作権侵害の申し立て"),
            Self::CryptoMining => Text::fixed("cryptocurrency mining", "暗号資産の採掘（マイニング）"),
            Self::ModelAbuse => Text::fixed("abuse of an AI model", "生成 AI モデルの不正利用"),
            Self::Other => Text::fixed("abuse of another kind", "その他の不正利用"),
        }
    }

    /// Reads the name used in JSON.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.id() == id)
    }
}
