//! What to do first, in the order in which mistakes are costly. The full plan is made elsewhere, with evidence; this is for the
//! first minutes, when there is nothing but the mail.

use abate_model::{AuthenticityVerdict, Category, Notice, NoticeKind, Text};

use super::silence::is_sending;
use super::{Line, Topic};

const DO_NOT_CLICK: Text = Text::fixed(
    "Open no link in the mail and send no password or key. Sign in to the console by your own way and look in AWS Health and the Support Center whether the matter exists.",
    "メールのリンクを開かず、パスワードやキーを送らないでください。いつもの方法でコンソールにサインインし、AWS Health とサポートセンターで、この件が実在するかを確かめます。",
);
const CONFIRM: Text = Text::fixed(
    "Confirm the notice: look in AWS Health or the Support Center, opened by your own way and not through the mail.",
    "本物の通知かどうかを確かめます。メールのリンクからではなく、自分で開いた AWS Health またはサポートセンターで確認してください。",
);
const SAVE: Text = Text::fixed(
    "Save the mail as a file, with its headers. You answer to this very mail.",
    "メールをヘッダーごとファイルに保存します。返信は、このメールに対して行います。",
);
const SAVE_REPORT: Text =
    Text::fixed("Save the report as it came, and open none of its links.", "届いた報告をそのまま保存します。リンクは開かないでください。");
const KEEP: Text = Text::fixed(
    "Do not terminate, reboot, clean up or delete anything: isolate it, and preserve it (snapshots, logs) first.",
    "終了（terminate）・再起動・削除・掃除はしないでください。まず隔離し、証拠（スナップショットとログ）を保全します。",
);
const OWNER: Text = Text::fixed(
    "Find out what runs on the resource, who is in charge of it, and whether anyone meant to do this.",
    "リソースで何が動いているか、担当者は誰か、意図して行ったものではないかを確認します。",
);
const ANSWER: Text = Text::fixed(
    "Answer before the deadline even if you know little: say what you have done and by when you will know more.",
    "分かっていることが少なくても、期限までに返信します。ここまでに行ったことと、次にいつ報告できるかを書いてください。",
);

/// The list.
pub(super) fn list(notice: &Notice, lines: &[Line]) -> Vec<Text> {
    let verdict = notice.authenticity.verdict;
    let doubtful =
        matches!(verdict, AuthenticityVerdict::Forged | AuthenticityVerdict::Suspicious) || lines.iter().any(|l| l.topic == Topic::Warning);
    match notice.kind {
        NoticeKind::Resolved => return vec![after(), SAVE],
        NoticeKind::SelfFound => {
            let mut list = vec![KEEP];
            list.extend(by_category(notice));
            list.push(Text::fixed("Report it to AWS promptly, before others do.", "第三者から報告される前に、速やかに AWS へ報告します。"));
            return list;
        }
        _ if super::reporter::is_all(notice) => {
            let mut list = vec![
                SAVE_REPORT,
                Text::fixed(
                    "Look in AWS Health and the Support Center whether AWS has opened the same matter: then a deadline runs.",
                    "AWS Health とサポートセンターで、AWS が同じ件を扱っていないかを確認します。扱っていれば、期限があります。",
                ),
            ];
            list.extend(by_category(notice));
            return list;
        }
        _ => {}
    }
    let mut list = Vec::new();
    if doubtful {
        list.push(DO_NOT_CLICK);
        if verdict == AuthenticityVerdict::Forged {
            list.push(Text::fixed(
                "If it does not exist there, forward the mail to stop-spoofing@amazon.com and do nothing else.",
                "そこに見つからなければ、メールを stop-spoofing@amazon.com へ転送し、ほかには何もしないでください。",
            ));
            return list;
        }
    }
    list.push(SAVE);
    if !doubtful && verdict != AuthenticityVerdict::Genuine {
        list.push(CONFIRM);
    }
    list.extend(by_category(notice));
    if !notice.mitigations.is_empty() {
        list.push(Text::fixed(
            "Write down which of your services fail because of the blocks: the answer asks for their removal by name.",
            "制限によって止まっている自社のサービスを書き出します。返信で、制限を一つずつ挙げて解除を依頼するためです。",
        ));
    }
    list.push(ANSWER);
    list
}

fn after() -> Text {
    Text::fixed(
        "Try out whether everything that was blocked works again; if not, write in the same mail thread.",
        "制限されていたものが、すべて使えるかを試します。使えないものがあれば、同じメールのやり取りの中で連絡してください。",
    )
}

/// What comes first for a kind of abuse.
fn by_category(notice: &Notice) -> Vec<Text> {
    if is_sending(notice) {
        return vec![
            Text::fixed(
                "Stop your own mailings, and find out which program, key or SMTP password sends.",
                "自社の一斉送信を止め、どのプログラム・キー・SMTP パスワードから送られているかを調べます。",
            ),
            Text::fixed(
                "Renew keys and SMTP passwords that may have leaked.",
                "漏えいした可能性のあるキーと SMTP パスワードを入れ替えます。",
            ),
        ];
    }
    match notice.category {
        Category::ModelAbuse => vec![
            Text::fixed(
                "Find out which application, role or key calls the model, and whether it is yours. Deactivate a key that strangers use.",
                "モデルを呼び出しているアプリケーション・ロール・キーを特定し、自社のものかどうかを確認します。第三者が使っているキーは無効化します。",
            ),
            Text::fixed(
                "Save CloudTrail and, if it is switched on, the log of model calls.",
                "CloudTrail と、有効にしている場合はモデル呼び出しのログを保存します。",
            ),
        ],
        Category::CompromisedCredentials => vec![
            Text::fixed(
                "Deactivate the key in question at once (do not delete it yet: deactivating can be undone and keeps its id for the search).",
                "該当するキーをすぐに無効化します（まだ削除はしません。無効化なら元に戻せ、調査用にキー ID も残ります）。",
            ),
            Text::fixed(
                "Look in CloudTrail, in every Region, for new users, keys, roles and servers, and save what you find.",
                "CloudTrail で、見覚えのないユーザー・キー・ロール・サーバーが作られていないかを全リージョンで確認し、結果を保存します。",
            ),
            Text::fixed(
                "Check the root user: password, second proof (MFA), and no access keys.",
                "ルートユーザーを確認します（パスワード、MFA、アクセスキーがないこと）。",
            ),
        ],
        Category::Phishing | Category::Malware | Category::Content => vec![
            KEEP,
            Text::fixed(
                "Copy the reported pages or files and the web server's logs, then take the content off the net.",
                "報告されたページやファイルとウェブサーバーのログを保存してから、公開を止めます。",
            ),
            OWNER,
        ],
        Category::Copyright => vec![Text::fixed(
            "Let a lawyer look at it before you take material down for good or object.",
            "素材を完全に削除したり、異議を申し立てたりする前に、弁護士に相談します。",
        )],
        Category::Vulnerability | Category::OpenResolver | Category::OpenProxy => vec![
            KEEP,
            OWNER,
            Text::fixed(
                "Close the service to the internet in the security group, or let in only the addresses that need it.",
                "セキュリティグループで、サービスのインターネットへの公開を止めるか、必要なアドレスだけに限ります。",
            ),
            Text::fixed(
                "Keep the logs and look whether someone has used it already.",
                "ログを保存し、すでに悪用されていないかを調べます。",
            ),
        ],
        Category::Crawling => vec![
            KEEP,
            OWNER,
            Text::fixed(
                "If it is your crawler: stop it, and note its purpose, its rate and a contact. If not, treat the server as broken into.",
                "自社のクローラーであれば、いったん止め、目的・速度・連絡先をまとめます。そうでなければ、サーバーが侵入されたものとして扱います。",
            ),
        ],
        _ => vec![
            KEEP,
            Text::fixed(
                "Isolate the resource with a new security group that has no rules at all (the outgoing default rule removed too). Connections that exist already may stay open.",
                "ルールを一つも含まない新しいセキュリティグループ（既定の送信ルールも削除）を付けて、リソースを隔離します。すでに確立された接続は残ることがあります。",
            ),
            Text::fixed(
                "Make snapshots of its disks, and save its logs, the flow logs and CloudTrail for the reported time.",
                "ディスクのスナップショットを取り、報告された時刻のサーバーのログ・VPC フローログ・CloudTrail を保存します。",
            ),
            OWNER,
        ],
    }
}
