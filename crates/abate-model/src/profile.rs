//! What is known about an account before anything happens.

use serde::{Deserialize, Serialize};

/// The profile of one account; everything is optional and asked for when needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountProfile {
    /// 12 digits
    pub account_id: Option<String>,
    /// what people call it
    pub name: Option<String>,
    /// company or person that signs
    pub signer: Option<String>,
    /// who owns the workload
    pub owner: Option<String>,
    /// who approves letters
    pub approver: Option<String>,
    /// root or security contact address: the sender of letters
    pub security_address: Option<String>,
    /// how notices come and answers go, if through a reseller
    pub reseller: Option<String>,
    /// IANA zone for display; `Asia/Tokyo` when it is not set
    pub time_zone: Option<String>,
    /// addresses or networks of the customer's own or commissioned scanners
    pub scanners: Vec<String>,
    /// addresses or networks from which staff work
    pub offices: Vec<String>,
    /// standing legitimate uses, in English ("web crawler for price comparison, contact crawler@example.com")
    pub legitimate_uses: Vec<LegitimateUse>,
}

/// A standing use that may look like abuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegitimateUse {
    /// category it may be mistaken for
    pub category: crate::Category,
    /// what it is, in English, as a letter may say it
    pub en: String,
    /// the same in Japanese
    pub ja: String,
    /// resource ids it runs on; empty for any
    pub resources: Vec<String>,
}

impl AccountProfile {
    /// The zone for display.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.time_zone.as_deref().unwrap_or("Asia/Tokyo")
    }
}
