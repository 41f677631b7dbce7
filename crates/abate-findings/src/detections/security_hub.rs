//! Findings of Security Hub and of the products that report to it, as ASFF or OCSF: its own checks of standards, Inspector, Macie, IAM Access
//! Analyzer, partners. GuardDuty's and Prowler's have detections of their own, wherever they were read.

use abate_model::rows::DetectionFinding;
use abate_model::{Claim, Severity, Table, Text};

use super::account::clip;
use super::checks::{self, Product};
use crate::{Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "security-hub",
    title: Text::fixed("Security Hub finding", "Security Hub の検出結果"),
    claims: &[Claim::FailedCheck, Claim::ProductFinding],
    techniques: &[],
    tactic: Tactic::Context,
    severity: Severity::Informational,
    needs: &[Table::DetectionFinding],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a control failed",
            "コントロールが不合格になる",
            || vec![checks::result("Security Hub", "Software and Configuration Checks/AWS/EC2.19 unrestricted ports", "FAILED", "i-0aa")],
            &[Claim::FailedCheck],
        ),
        Example::miss("another detection's product", "別の検知が扱う製品", || {
            vec![checks::result("Prowler", "x", "FAILED", "i-0aa")]
        }),
    ],
    run: |ctx| checks::run(ctx, &PRODUCT),
};

const INNOCENT: Text = Text::fixed(
    "A failed check is a weakness, not something that happened; products can be wrong.",
    "不合格のチェックは弱点を示すもので、発生した出来事を示すものではありません。製品の誤検知もあり得ます。",
);

const PRODUCT: Product = Product { name, is_own, claim, innocent: INNOCENT };

fn is_own(detection: &DetectionFinding<'_>) -> bool {
    let others = ["guardduty", "prowler", "trusted-advisor"];
    !others.iter().any(|other| detection.product.eq_ignore_ascii_case(other))
}

fn name(detection: &DetectionFinding<'_>) -> String {
    if detection.product.is_empty() { "Security Hub".to_owned() } else { clip(&detection.product) }
}

/// Checks say whether a setting complies; the first part of a type of ASFF says what else it is.
fn claim(detection: &DetectionFinding<'_>) -> Claim {
    let complies = detection.status.as_deref().is_some_and(|s| ["FAILED", "FAIL", "WARNING"].contains(&s.to_ascii_uppercase().as_str()));
    let heading = ["Software and Configuration Checks", "Compliance Finding"].iter().any(|front| detection.kind.starts_with(front));
    if complies || heading { Claim::FailedCheck } else { Claim::ProductFinding }
}

#[cfg(test)]
mod tests {
    use super::super::checks::fixture::{found, result};
    use super::*;
    use abate_model::EntityKind;

    #[test]
    fn checks_and_other_findings_are_told_apart() {
        let rows = vec![
            result("Security Hub", "Software and Configuration Checks/AWS/EC2.19 unrestricted ports", "FAILED", "i-0bb"),
            result("Inspector", "Software and Configuration Checks/Vulnerabilities/CVE", "NEW", "i-0aa"),
            result("Macie", "Sensitive Data Identifications/PII", "NEW", "i-0bb"),
        ];
        let found = found(&DETECTION, rows);
        let told: Vec<_> = found.iter().map(|f| (f.claim, f.severity)).collect();
        let (check, other) = (Claim::FailedCheck, Claim::ProductFinding);
        assert_eq!(told, [(check, Severity::High), (other, Severity::Informational), (check, Severity::High)]);
        assert!(found[1].title.en.starts_with("Macie reports: "));
        assert!(found[0].of(EntityKind::FindingId).eq(["id-i-0aa"]));
    }

    #[test]
    fn what_is_closed_and_what_others_tell_is_none() {
        let rows = ["PASSED", "RESOLVED", "ARCHIVED", "SUPPRESSED"].map(|status| result("Security Hub", "x", status, "i-0aa"));
        let others = ["GuardDuty", "Prowler", "trusted-advisor"].map(|product| result(product, "x", "NEW", "i-0aa"));
        assert!(found(&DETECTION, rows.into_iter().chain(others).collect()).is_empty());
    }
}
