//! `enable-cloudtrail`: keep a record of every call for longer than 90 days.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "enable-cloudtrail",
    phase: Phase::Prevent,
    when: |facts| facts.unless_innocent(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Have a CloudTrail trail over all Regions, with log file validation",
        "全リージョンを対象とし、ログファイルの検証を有効にした CloudTrail 証跡を設定する",
    ),
    done_text: Text::fixed(
        "We set up a CloudTrail trail over all Regions with log file validation.",
        "全リージョンを対象とし、ログファイルの検証を有効にした CloudTrail 証跡を設定しました。",
    ),
    why: Text::fixed("Event history ends after 90 days and lacks data events.", "イベント履歴は 90 日で消え、データイベントを含まない。"),
    risk: Text::fixed("Storage costs; lock the bucket against deletion.", "保管料がかかる。バケットは削除から保護する。"),
    undo: Text::fixed("aws cloudtrail delete-trail --name TRAIL", "aws cloudtrail delete-trail --name TRAIL"),
    how: Text::fixed(
        "aws cloudtrail create-trail --name all-regions --s3-bucket-name BUCKET --is-multi-region-trail --enable-log-file-validation\naws cloudtrail start-logging --name all-regions",
        "aws cloudtrail create-trail --name all-regions --s3-bucket-name BUCKET --is-multi-region-trail --enable-log-file-validation\naws cloudtrail start-logging --name all-regions",
    ),
};
