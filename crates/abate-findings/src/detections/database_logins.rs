//! Sign-ins to a database: guessing, and success after it.

use abate_model::{Claim, Severity, Table, Text};

use super::logins::{self, Service};
use crate::examples::{guessed, sign_in};
use crate::{Detection, Example, Tactic};

/// The detection.
pub static DETECTION: Detection = Detection {
    id: "database-logins",
    title: Text::fixed("Guessing of database passwords, and success after it", "データベースのパスワードの推測とその成功"),
    claims: &[Claim::LoginBruteForce, Claim::LoginAfterBruteForce],
    techniques: &["T1110.001"],
    tactic: Tactic::CredentialAccess,
    severity: Severity::High,
    needs: &[Table::Authentication],
    innocent: logins::INNOCENT,
    examples: &[
        Example::hit(
            "30 failures from one address, then a success",
            "1 つのアドレスから 30 回失敗した後の成功",
            || guessed("mssql", "sa", 30).into_iter().chain([sign_in("mssql", 500, "sa", "198.51.100.7", true)]).collect(),
            &[Claim::LoginBruteForce, Claim::LoginAfterBruteForce],
        ),
        Example::miss("a slip of the fingers at the next desk", "隣の席での打ち間違い", || {
            vec![sign_in("mssql", 600, "sa", "10.0.0.9", false), sign_in("mssql", 610, "sa", "10.0.0.9", true)]
        }),
    ],
    run: |context| logins::run(context, &SERVICE),
};

static SERVICE: Service = Service {
    services: &["mysqld", "mssql", "phpmyadmin"],
    kind: Text::fixed("database", "データベース"),
    target: Text::fixed("the database", "データベース"),
    guessing: Claim::LoginBruteForce,
    after: Claim::LoginAfterBruteForce,
    new_place: None,
    guessable: |_| true,
};

#[cfg(test)]
mod tests {
    use abate_model::{EntityKind, Severity};

    use super::*;
    use crate::testkit::{claims, run, sign_in};

    #[test]
    fn success_after_guessing_is_critical() {
        let mut rows: Vec<_> = (0..30).map(|i| sign_in("mssql", i * 5, "sa", "198.51.100.7", false)).collect();
        assert_eq!(claims(&DETECTION, rows.clone()), [Claim::LoginBruteForce]);
        rows.push(sign_in("mssql", 500, "sa", "198.51.100.7", true));
        let found = run(&DETECTION, rows);
        let after = found.iter().find(|f| f.claim == Claim::LoginAfterBruteForce).unwrap();
        assert_eq!((after.severity, after.count), (Severity::Critical, 1));
        assert_eq!(after.of(EntityKind::User).collect::<Vec<_>>(), ["sa"]);
    }

    #[test]
    fn other_services_and_a_slip_of_the_fingers_are_none_of_it() {
        let mut rows: Vec<_> = (0..30).map(|i| sign_in("windows", i * 5, "sa", "198.51.100.7", false)).collect();
        rows.push(sign_in("windows", 500, "sa", "198.51.100.7", true));
        rows.extend([sign_in("mssql", 600, "sa", "10.0.0.9", false), sign_in("mssql", 610, "sa", "10.0.0.9", true)]);
        assert_eq!(claims(&DETECTION, rows), []);
    }
}
