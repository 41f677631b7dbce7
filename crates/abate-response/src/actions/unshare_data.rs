//! `unshare-data`: take back what was shared with strangers.

use abate_model::{CauseClass, Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "unshare-data",
    phase: Phase::Contain,
    when: |facts| facts.when_or(&[Claim::DataShared, Claim::AnonymousStorageAccess], &[], Some(CauseClass::PublicStorage)),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Take back public or foreign access to buckets, snapshots and images",
        "バケット・スナップショット・イメージの公開や外部共有を取り消す",
    ),
    done_text: Text::fixed("We took back the public or foreign access to the stored data.", "保存データの公開・外部共有を取り消しました。"),
    why: Text::fixed("Strangers can read or write it.", "第三者が読み書きできる。"),
    risk: Text::fixed(
        "Sites that are served from the bucket on purpose stop; what was read already stays read.",
        "意図して公開しているサイトも止まる。すでに読み取られた分は取り戻せない。",
    ),
    undo: Text::fixed("Share again with named accounts.", "必要なアカウントに限って再度共有する。"),
    how: Text::fixed(
        "aws s3api put-public-access-block --bucket BUCKET --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true\naws ec2 modify-snapshot-attribute --region {region} --snapshot-id SNAPSHOT --attribute createVolumePermission --operation-type remove --user-ids ACCOUNT",
        "aws s3api put-public-access-block --bucket BUCKET --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true\naws ec2 modify-snapshot-attribute --region {region} --snapshot-id SNAPSHOT --attribute createVolumePermission --operation-type remove --user-ids ACCOUNT",
    ),
};
