//! Hosting of a phishing site: the very page was served.

use abate_model::{Claim, Table, Text};

use super::{Corroboration, When, agree, served};

pub(super) static PHISHING: Corroboration = Corroboration {
    claims: &[Claim::PhishingPageServed],
    guardduty: &["Trojan:EC2/PhishingDomainRequest"],
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
