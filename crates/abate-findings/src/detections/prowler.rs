//! Prowler's failed checks, one per check.

use abate_model::rows::DetectionFinding;
use abate_model::{Claim, Severity, Table, Text};

use super::checks::{self, Product};
use crate::{Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "prowler",
    title: Text::fixed("Failed Prowler check", "不合格の Prowler チェック"),
    claims: &[Claim::FailedCheck],
    techniques: &[],
    tactic: Tactic::Context,
    severity: Severity::Informational,
    needs: &[Table::DetectionFinding],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a check failed",
            "チェックが不合格になる",
            || vec![checks::result("prowler", "ec2_instance_imdsv2_enabled", "FAIL", "i-0aa")],
            &[Claim::FailedCheck],
        ),
        Example::miss("the check passed", "チェックに合格する", || {
            vec![checks::result("prowler", "ec2_instance_imdsv2_enabled", "PASS", "i-0aa")]
        }),
    ],
    run: |ctx| checks::run(ctx, &PRODUCT),
};

const INNOCENT: Text = Text::fixed(
    "A failed check is a weakness at the time of the run, not something that happened.",
    "不合格のチェックは実行時点の弱点を示すもので、発生した出来事を示すものではありません。",
);

const PRODUCT: Product = Product { name: |_| "Prowler".to_owned(), is_own, claim: |_| Claim::FailedCheck, innocent: INNOCENT };

/// Prowler's own files and its results in OCSF or Security Hub; only `FAIL` is one.
fn is_own(detection: &DetectionFinding<'_>) -> bool {
    detection.product.eq_ignore_ascii_case("prowler")
}

#[cfg(test)]
mod tests {
    use super::super::checks::fixture::{found, result};
    use super::*;
    use abate_model::EntityKind;

    #[test]
    fn failed_checks_are_one_finding_each() {
        let rows = vec![
            result("prowler", "ec2_instance_imdsv2_enabled", "FAIL", "i-0aa"),
            result("Prowler", "ec2_instance_imdsv2_enabled", "FAIL", "i-0bb"),
            result("prowler", "ec2_instance_imdsv2_enabled", "PASS", "i-0cc"),
            result("prowler", "awslambda_function_using_supported_runtimes", "FAIL", "i-0dd"),
        ];
        let found = found(&DETECTION, rows);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].severity, found[0].count), (Severity::Informational, 1), "{}", found[0].title.en);
        assert_eq!((found[1].severity, found[1].count), (Severity::High, 2), "it names the reported instance");
        assert!(found[1].of(EntityKind::FindingId).eq(["id-i-0aa", "id-i-0bb"]));
        assert!(found[1].title.en.starts_with("Prowler: check failed: About ec2_instance_imdsv2_enabled on arn:"));
    }

    #[test]
    fn what_passed_or_is_muted_and_what_others_say_is_none() {
        let rows = ["PASS", "MUTED", "MANUAL"].map(|status| result("prowler", "x", status, "i-0aa")).into_iter();
        let others = ["guardduty", "Security Hub"].map(|product| result(product, "x", "FAILED", "i-0aa"));
        assert!(found(&DETECTION, rows.chain(others).collect()).is_empty());
    }
}
