//! Trusted Advisor's checks with a warning or an error, one per check.

use abate_model::rows::DetectionFinding;
use abate_model::{Claim, Severity, Table, Text};

use super::checks::{self, Product};
use crate::{Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "trusted-advisor",
    title: Text::fixed("Trusted Advisor check with a warning or an error", "Trusted Advisor の警告・エラー"),
    claims: &[Claim::FailedCheck],
    techniques: &[],
    tactic: Tactic::Context,
    severity: Severity::Informational,
    needs: &[Table::DetectionFinding],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a check warns",
            "チェックが警告を出す",
            || vec![checks::result("trusted-advisor", "Security Groups - Specific Ports Unrestricted", "error", "i-0aa")],
            &[Claim::FailedCheck],
        ),
        Example::miss("the check is content", "チェックに問題がない", || {
            vec![checks::result("trusted-advisor", "Security Groups - Specific Ports Unrestricted", "ok", "i-0aa")]
        }),
    ],
    run: |ctx| checks::run(ctx, &PRODUCT),
};

const INNOCENT: Text = Text::fixed(
    "A check compares settings with advice at its last refresh; 'Exposed Access Keys' alone says that something happened.",
    "チェックは最後の更新時点の設定を推奨事項と比べたものです。出来事を示すのは「公開されたアクセスキー」だけです。",
);

const PRODUCT: Product = Product { name: |_| "Trusted Advisor".to_owned(), is_own, claim: |_| Claim::FailedCheck, innocent: INNOCENT };

/// Its results that ask for attention; checks on cost, speed and limits say nothing of security and carry no severity above a warning.
fn is_own(detection: &DetectionFinding<'_>) -> bool {
    detection.product == "trusted-advisor" && detection.severity > 0.0
}

#[cfg(test)]
mod tests {
    use super::super::checks::fixture::{found, result};
    use super::*;
    use abate_model::Severity;

    #[test]
    fn warnings_and_errors_are_findings() {
        let rows = vec![
            result("trusted-advisor", "Security Groups - Unrestricted Access", "ERROR", "i-0bb"),
            result("trusted-advisor", "Amazon EC2 On-Demand", "WARNING", "i-0bb"),
        ];
        let found = found(&DETECTION, rows);
        assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [Severity::Informational, Severity::High]);
    }

    #[test]
    fn what_is_in_order_or_excluded_is_none() {
        let rows = ["OK", "SUPPRESSED", "RESOLVED"].map(|status| result("trusted-advisor", "x", status, "i-0aa"));
        assert!(found(&DETECTION, rows.into_iter().collect()).is_empty());
        assert!(found(&DETECTION, vec![result("prowler", "x", "FAIL", "i-0aa")]).is_empty());
    }
}
