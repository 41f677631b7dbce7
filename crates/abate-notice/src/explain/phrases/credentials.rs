//! Mails about leaked or misused keys and sign-ins. They come from another team than abuse notices and set a date of their own.

use abate_model::Text;

use super::{Phrase, asks, says};
use crate::explain::Topic;

/// The phrases, in order.
pub(super) const PHRASES: &[Phrase] = &[
    asks(
        &[
            "delete the exposed",
            "delete the compromised",
            "delete the access key",
            "delete the key",
            "delete your access key",
            "rotate and delete",
            "delete or rotate",
            "delete any exposed",
            "deactivate the access key",
            "deactivate the key",
            "disable the access key",
        ],
        Text::fixed(
            "The key must stop working. Deactivate it at once; that can be undone and keeps its id for your search in the logs. Delete it when nothing of yours needs it any more, and before you answer where AWS demands deletion: a key that is only deactivated may not satisfy AWS then.",
            "漏えいしたキーを使えなくする必要があります。まず直ちに「無効化」してください。無効化は元に戻せ、ログを調べるためのキー ID も残ります。自社の処理で使わなくなったことを確かめて削除します。AWS が削除を求めている場合は、返信の前に削除してください。無効化だけでは認められないことがあります。",
        ),
        Text::fixed(
            "Make the exposed key useless: deactivate it at once, then delete it.",
            "漏えいしたキーをすぐに無効化し、その後削除してください。",
        ),
        "Step 1: Delete the exposed access key of this user.",
    ),
    asks(
        &[
            "rotate the key",
            "rotate the access key",
            "rotate the exposed",
            "rotate your access keys",
            "rotate your aws access keys",
            "rotate all",
            "create a new access key",
            "rotate your credentials",
            "rotate any credentials",
        ],
        Text::fixed(
            "Replace the keys: make a new one, put it where your programs need it, then switch the old one off. Better still: use roles, which need no lasting key.",
            "キーを入れ替えます。新しいキーを作り、使っているプログラムに設定してから、古いキーを無効にします。固定のキーが要らない「ロール」に切り替えられれば、なお安全です。",
        ),
        Text::fixed("Replace access keys and passwords.", "アクセスキーとパスワードを入れ替えてください。"),
        "We recommend that you rotate your access keys and passwords.",
    ),
    asks(
        &[
            "check your cloudtrail",
            "review your cloudtrail",
            "check cloudtrail",
            "review cloudtrail",
            "cloudtrail log",
            "cloudtrail logs",
            "cloudtrail event history",
        ],
        Text::fixed(
            "CloudTrail is AWS's record of who did what in the account. Look there for what was done with the key, in every Region: new users, keys, roles, servers.",
            "CloudTrail は、アカウント内の操作の記録です。漏えいしたキーで何が行われたかを、すべてのリージョンで確認してください。見覚えのないユーザー・キー・ロール・サーバーが作られていないかを調べます。",
        ),
        Text::fixed(
            "Search CloudTrail, in every Region, for what was done with the key.",
            "CloudTrail で、そのキーによる操作をすべてのリージョンについて調べてください。",
        ),
        "Step 2: Check your CloudTrail log for what you did not do.",
    ),
    asks(
        &[
            "unsanctioned activity",
            "unsanctioned usage",
            "unrecognized resources",
            "unrecognised resources",
            "unauthorized resources",
            "unauthorized usage",
            "unwanted resources",
            "resources you do not recognize",
            "resources which you do not recognize",
            "any resources on your account you didn't create",
        ],
        Text::fixed(
            "Look in every Region for what you did not make (servers, users, roles, functions) and remove it after you have noted it. Intruders like Regions that you never use.",
            "自社で作っていないもの（サーバー、ユーザー、ロール、関数など）を、すべてのリージョンで探します。内容を記録してから削除してください。侵入者は、普段使わないリージョンを好みます。",
        ),
        Text::fixed(
            "Find and remove what strangers made, in every Region.",
            "第三者が作ったものを、すべてのリージョンで探して取り除いてください。",
        ),
        "Then look for unauthorized resources in every Region.",
    ),
    asks(
        &[
            "root password",
            "root user password",
            "root account password",
            "enable mfa",
            "multi-factor authentication",
            "enable multi-factor",
        ],
        Text::fixed(
            "Protect the main user of the account (root): a new password, and a second proof at sign-in (MFA), such as an app on the phone. Do it in the console, never through a link in the mail.",
            "アカウントの最上位ユーザー（ルート）を保護します。パスワードを変更し、サインイン時の追加認証（MFA、スマートフォンのアプリなど）を有効にしてください。操作はコンソールで行い、メールのリンクからは行わないでください。",
        ),
        Text::fixed("Secure the root user: new password, MFA.", "ルートユーザーを保護してください（パスワード変更、MFA）。"),
        "Change your root password and use an app for sign-in.",
    ),
    asks(
        &["to restore access", "restore access to", "restore full access", "in order to restore"],
        Text::fixed(
            "Until AWS has heard from you by this date, the limits on the account stay, and it can be suspended afterwards. Answer in the case before the date, even if the clean-up is not finished.",
            "この期日までに連絡しないと、アカウントの制限が続き、その後停止される可能性があります。片付けが途中でも、期日までに該当ケースへ回答してください。",
        ),
        Text::fixed("Contact AWS before the stated date.", "記載された期日までに AWS へ連絡してください。"),
        "To restore access, you must contact AWS by 2025-04-14.",
    ),
    says(
        Topic::Accusation,
        &[
            "belonging to user",
            "belonging to the user",
            "belongs to user",
            "associated with user",
            "was used from",
            "access key has been compromised",
            "access keys may be compromised",
            "your access key",
            "irregular activity detected",
        ],
        Text::fixed(
            "A key that opens your account was used in a way that does not fit you, so someone else probably has it. Keep this mail to yourself: it names the key.",
            "アカウントを操作できるキーが、普段と異なる形で使われました。第三者がキーを入手した可能性があります。このメールにはキーの ID が書かれているので、取り扱いに注意してください。",
        ),
        "The access key AKIAIOSFODNN7EXAMPLE belonging to user build was used abroad.",
    ),
    says(
        Topic::Accusation,
        &["publicly available online", "found in public", "found publicly", "publicly exposed", "exposed publicly", "public repository"],
        Text::fixed(
            "The key lies open on the internet, for instance in a public code repository; robots find such keys within minutes. Deleting the file does not help, since the history keeps it: the key itself must go.",
            "キーが、公開リポジトリーなどインターネット上の誰でも見られる場所に置かれています。こうしたキーは、数分で自動的に見つけられます。ファイルを消しても履歴に残るため、キー自体を無効にする必要があります。",
        ),
        "Your key and its secret are publicly available online.",
    ),
    says(
        Topic::Accusation,
        &[
            "inappropriately accessed by a third-party",
            "inappropriately accessed by a third party",
            "accessed by a third party",
            "accessed by a third-party",
            "unauthorized access to your",
            "account may be compromised",
            "account may have been compromised",
            "account has been compromised",
            "suspicious activity in your aws account",
            "anomalous activity",
        ],
        Text::fixed(
            "AWS suspects that a stranger has got into your account, mostly with a stolen key or password. Until that is settled AWS can limit the account.",
            "第三者がアカウントに侵入した疑いがある、という内容です。多くは、盗まれたキーやパスワードによるものです。解決するまで、AWS がアカウントを制限することがあります。",
        ),
        "Your account may have been inappropriately accessed by a third-party.",
    ),
    says(
        Topic::Accusation,
        &[
            "sample events",
            "sample of events",
            "example events",
            "following events",
            "events below",
            "events were observed",
            "the following api calls",
        ],
        Text::fixed(
            "The events listed are samples, mostly of a single day. They are not the whole of what happened: your own search must go back further and through all Regions.",
            "挙げられている操作は一例で、多くは 1 日分だけです。被害の全体ではありません。期間をさかのぼり、すべてのリージョンについて自社で調べる必要があります。",
        ),
        "Here are sample events that we saw.",
    ),
    says(
        Topic::Other,
        &[
            "unauthorized charges",
            "unexpected charges",
            "billing adjustment",
            "responsible for the charges",
            "responsible for all charges",
            "bill adjustment",
            "usage charges",
        ],
        Text::fixed(
            "Intruders cause costs. You can ask AWS Support for a reduction, but only after the account is secured and the foreign resources are gone.",
            "侵入者の利用によって料金が発生します。減額を AWS サポートに相談できますが、アカウントを保護し、不審なリソースを取り除いたあとになります。",
        ),
        "You can ask for a billing adjustment afterwards.",
    ),
    says(
        Topic::Advice,
        &["temporary credentials", "temporary security credentials", "active sessions", "revoke sessions", "revoke active sessions"],
        Text::fixed(
            "Whoever had the key may have made temporary keys with it; these go on working after the key is gone. Revoke the sessions of the users and roles concerned.",
            "キーを持つ第三者が、一時的な認証情報を作っている可能性があります。これは元のキーを消しても使えます。関係するユーザーとロールのセッションを取り消してください。",
        ),
        "Also revoke active sessions of the role.",
    ),
];
