//! `block-public-storage`: make public buckets impossible in the account.

use abate_model::{CauseClass, Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "block-public-storage",
    phase: Phase::Prevent,
    when: |facts| facts.when_or(&[Claim::AnonymousStorageAccess, Claim::DataShared], &[], Some(CauseClass::PublicStorage)),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Switch on S3 Block Public Access for the whole account",
        "アカウント全体で S3 ブロックパブリックアクセスを有効にする",
    ),
    done_text: Text::fixed(
        "We switched on S3 Block Public Access for the whole account.",
        "アカウント全体で S3 ブロックパブリックアクセスを有効にしました。",
    ),
    why: Text::fixed(
        "One setting then protects every bucket, present and future.",
        "一つの設定で、現在と将来のすべてのバケットを保護できる。",
    ),
    risk: Text::fixed(
        "Buckets that are public on purpose stop: serve them through CloudFront.",
        "意図して公開しているバケットも止まるため、CloudFront 経由にする。",
    ),
    undo: Text::fixed(
        "aws s3control delete-public-access-block --account-id ACCOUNT",
        "aws s3control delete-public-access-block --account-id ACCOUNT",
    ),
    how: Text::fixed(
        "aws s3control put-public-access-block --account-id ACCOUNT --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
        "aws s3control put-public-access-block --account-id ACCOUNT --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
    ),
};
