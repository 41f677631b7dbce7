//! Evidence worth fetching: what, how, what it settles, how long it takes.

use abate_model::{Category, Evidence, EvidenceWish, Notice, Table, Text};

/// A kind of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wish {
    Auth,
    Trail,
    Flow,
    Web,
    GuardDuty,
    Describe,
    Credentials,
}

impl Wish {
    const ALL: [Self; 7] = [Self::Auth, Self::Trail, Self::Flow, Self::Web, Self::GuardDuty, Self::Describe, Self::Credentials];

    /// The table that it fills.
    pub(crate) const fn table(self) -> Option<Table> {
        match self {
            Self::Auth => Some(Table::Authentication),
            Self::Trail => Some(Table::ApiActivity),
            Self::Flow => Some(Table::NetworkActivity),
            Self::Web => Some(Table::HttpActivity),
            Self::GuardDuty => Some(Table::DetectionFinding),
            Self::Describe => Some(Table::InventoryInfo),
            Self::Credentials => None,
        }
    }

    /// In words.
    pub(crate) const fn wish(self) -> EvidenceWish {
        match self {
            Self::Auth => EvidenceWish {
                what: Text::fixed(
                    "the host's sign-in log (/var/log/auth.log or /var/log/secure, rotated files too)",
                    "ホストのサインイン記録（/var/log/auth.log または /var/log/secure、ローテーション済みも含む）",
                ),
                how: Text::fixed(
                    "copy it from a snapshot of the root volume, or over Session Manager; do not reboot the host",
                    "ルートボリュームのスナップショットから、または Session Manager 経由でコピーする（ホストは再起動しない）",
                ),
                settles: Text::fixed("whether someone signed in with a guessed password", "推測されたパスワードでサインインされたかどうか"),
                minutes: 15,
            },
            Self::Trail => EvidenceWish {
                what: Text::fixed("CloudTrail Event history of all Regions, 90 days", "CloudTrail のイベント履歴（全リージョン、90 日分）"),
                how: Text::fixed(
                    "aws cloudtrail lookup-events --region REGION --start-time TIME --end-time TIME (or: abate collect-script NOTICE)",
                    "aws cloudtrail lookup-events --region リージョン --start-time 時刻 --end-time 時刻（または abate collect-script 通知）",
                ),
                settles: Text::fixed(
                    "whether a key, role or console session was misused, and what it did",
                    "アクセスキー・ロール・コンソールが悪用されたか、何をしたか",
                ),
                minutes: 10,
            },
            Self::Flow => EvidenceWish {
                what: Text::fixed("VPC Flow Logs around the reported time", "報告時刻前後の VPC フローログ"),
                how: Text::fixed(
                    "aws ec2 describe-flow-logs, then the log group or bucket it names; if none are there, only future traffic can be recorded",
                    "aws ec2 describe-flow-logs で保存先を確認して取得（未設定の場合、記録できるのは今後の通信のみ）",
                ),
                settles: Text::fixed(
                    "whether the reported traffic left our address, and what came in before it",
                    "報告された通信が自社から出たか、その前に何が入ってきたか",
                ),
                minutes: 10,
            },
            Self::Web => EvidenceWish {
                what: Text::fixed("access logs of the web server", "ウェブサーバーのアクセスログ"),
                how: Text::fixed(
                    "copy /var/log/nginx, /var/log/apache2 or /var/log/httpd from a snapshot, and load balancer logs from their bucket",
                    "スナップショットから /var/log/nginx・/var/log/apache2・/var/log/httpd を、バケットからロードバランサーのログをコピーする",
                ),
                settles: Text::fixed("whether a web application was the way in", "ウェブアプリケーションが侵入口だったかどうか"),
                minutes: 15,
            },
            Self::GuardDuty => EvidenceWish {
                what: Text::fixed("GuardDuty findings", "GuardDuty の検出結果"),
                how: Text::fixed(
                    "aws guardduty list-detectors, list-findings, get-findings --region REGION",
                    "aws guardduty list-detectors・list-findings・get-findings --region リージョン",
                ),
                settles: Text::fixed("what AWS itself saw, and since when", "AWS 自身が何をいつから検知していたか"),
                minutes: 5,
            },
            Self::Describe => EvidenceWish {
                what: Text::fixed(
                    "description of instances, addresses and security groups",
                    "インスタンス・アドレス・セキュリティグループの構成情報",
                ),
                how: Text::fixed(
                    "aws ec2 describe-instances, describe-addresses, describe-security-groups --region REGION",
                    "aws ec2 describe-instances・describe-addresses・describe-security-groups --region リージョン",
                ),
                settles: Text::fixed(
                    "which resource holds the reported address, and what is open to the Internet",
                    "報告されたアドレスをどのリソースが持つか、何がインターネットに開いているか",
                ),
                minutes: 5,
            },
            Self::Credentials => EvidenceWish {
                what: Text::fixed("the IAM credential report", "IAM 認証情報レポート"),
                how: Text::fixed(
                    "aws iam generate-credential-report, then get-credential-report",
                    "aws iam generate-credential-report の後に get-credential-report",
                ),
                settles: Text::fixed("which keys are old, unused or without MFA", "古いキー、使われていないキー、MFA のないユーザー"),
                minutes: 5,
            },
        }
    }

    /// Whether the evidence at hand already has it for the reported time.
    pub(crate) fn is_there(self, notice: &Notice, evidence: &dyn Evidence) -> bool {
        let Some(table) = self.table() else { return false };
        let of_table = evidence.coverage().iter().filter(|c| c.table == table && c.records > 0);
        if table == Table::InventoryInfo || table == Table::DetectionFinding {
            return of_table.count() > 0;
        }
        let window = notice.window();
        of_table.filter_map(|c| Some((c.from?, c.to?))).any(|(from, to)| window.is_none_or(|w| from <= w.from && w.to <= to))
    }

    /// How much it settles for a category, roughly, from 0 to 10.
    fn worth(self, category: Category) -> u32 {
        use Category::{CompromisedCredentials, Content, CryptoMining, Malware, ModelAbuse, Phishing, Spam};
        match (self, category) {
            (Self::Trail | Self::Credentials, CompromisedCredentials | ModelAbuse | Spam | CryptoMining) => 9,
            (Self::Web, Phishing | Malware | Content) => 10,
            (Self::Flow, Phishing | Content | CompromisedCredentials | ModelAbuse) => 3,
            (Self::Auth, CompromisedCredentials | ModelAbuse) => 2,
            (Self::Auth | Self::Flow, _) => 9,
            (Self::Trail, _) => 6,
            (Self::GuardDuty, _) => 5,
            (Self::Describe, _) => 4,
            (Self::Web, _) => 6,
            (Self::Credentials, _) => 1,
        }
    }
}

/// What to fetch next, most informative for each minute first.
pub(crate) fn next(notice: &Notice, evidence: &dyn Evidence) -> Vec<EvidenceWish> {
    let mut open: Vec<Wish> = Wish::ALL.into_iter().filter(|w| !w.is_there(notice, evidence)).collect();
    open.sort_by_key(|w| (std::cmp::Reverse(w.worth(notice.category) * 60 / w.wish().minutes.max(1)), *w));
    open.into_iter().map(Wish::wish).collect()
}
