//! Alleged copyright infringement: whether the page was served can be told, whether it infringes cannot.

use abate_model::{Claim, Table, Text};

use super::{Corroboration, When, agree, served};

pub(super) static COPYRIGHT: Corroboration = Corroboration {
    claims: &[Claim::PhishingPageServed],
    guardduty: &[],
    tables: &[Table::HttpActivity],
    expects: Text::fixed(
        "requests for the named page that our server answered with success",
        "記載されたページへのリクエストに、自社サーバーが成功の応答を返した記録",
    ),
    agrees: agree::by_page,
    look: served,
    scope: None,
    outward: false,
    when: When::Standing,
};
