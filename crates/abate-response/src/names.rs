//! The forms of AWS names. A value that has not its form stands in no command: notices and logs are written by strangers.
//! Whether such a thing exists is not asked here.

use abate_model::is_masked;

/// `i-` and up to 17 digits or letters; examples in documents are often shorter than real ids.
pub(crate) fn is_instance(id: &str) -> bool {
    has_prefix(id, "i-")
}

/// `sg-…`
pub(crate) fn is_group(id: &str) -> bool {
    has_prefix(id, "sg-")
}

/// `eni-…`
pub(crate) fn is_interface(id: &str) -> bool {
    has_prefix(id, "eni-")
}

fn has_prefix(id: &str, prefix: &str) -> bool {
    !is_masked(id) && id.strip_prefix(prefix).is_some_and(|rest| (1..=17).contains(&rest.len()) && alphanumeric(rest))
}

/// A long-lived access key id.
pub(crate) fn is_key(id: &str) -> bool {
    !is_masked(id) && id.len() == 20 && id.starts_with("AKIA") && alphanumeric(id)
}

/// Any access key id, temporary ones too.
pub(crate) fn is_any_key(id: &str) -> bool {
    is_key(id) || (!is_masked(id) && id.len() == 20 && id.starts_with("ASIA") && alphanumeric(id))
}

/// `ap-northeast-1`
pub(crate) fn is_region(code: &str) -> bool {
    let parts: Vec<&str> = code.split('-').collect();
    let word = |part: &&str| (1..=12).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase());
    let Some((number, words)) = parts.split_last() else { return false };
    let numbered = (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    numbered && (2..=3).contains(&words.len()) && words.iter().all(word)
}

/// Name of an IAM user, role or policy: letters, digits and `+=,.@_-`; the first is no hyphen, which a command would take for an option.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 128
        && !name.starts_with('-')
        && !is_masked(name)
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b))
}

/// The user's name in `arn:aws:iam::111122223333:user/path/name`.
pub(crate) fn user_of_arn(arn: &str) -> Option<String> {
    let path = arn.strip_prefix("arn:aws")?.split_once(":user/")?.1;
    path.rsplit('/').next().filter(|name| is_name(name)).map(str::to_owned)
}

/// The role's name in an `assumed-role` or `role` ARN.
pub(crate) fn role_of_arn(arn: &str) -> Option<String> {
    let rest = arn.strip_prefix("arn:aws")?;
    let name = match rest.split_once(":assumed-role/") {
        Some((_, path)) => path.split('/').next(),
        None => rest.split_once(":role/")?.1.rsplit('/').next(),
    };
    name.filter(|name| is_name(name)).map(str::to_owned)
}

/// The policy's name in the ARN of a policy of the account's own; AWS's policies cannot be deleted.
pub(crate) fn policy_of_arn(arn: &str) -> Option<String> {
    let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":policy/")?;
    let own = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    path.rsplit('/').next().filter(|name| own && is_name(name)).map(str::to_owned)
}

fn alphanumeric(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert!(is_instance("i-0123456789abcdef0") && !is_instance("i-0c29xxxxxxxx7") && !is_instance("i-1';id;'"));
        assert!(is_region("ap-northeast-1") && is_region("us-gov-west-1") && !is_region("us-east-1'") && !is_region("east-1"));
        assert!(is_key("AKIAIOSFODNN7EXAMPLE") && !is_key("ASIAIOSFODNN7EXAMPLE") && is_any_key("ASIAIOSFODNN7EXAMPLE"));
        assert!(is_name("deploy-ci") && !is_name("-rf") && !is_name("a b") && !is_name("a;b") && !is_name("日本"));
    }

    #[test]
    fn names_in_arns() {
        assert_eq!(user_of_arn("arn:aws:iam::111122223333:user/team/alice").as_deref(), Some("alice"));
        assert_eq!(role_of_arn("arn:aws:sts::111122223333:assumed-role/web/i-0123456789abcdef0").as_deref(), Some("web"));
        assert_eq!(role_of_arn("arn:aws:iam::111122223333:role/service/web").as_deref(), Some("web"));
        assert_eq!(policy_of_arn("arn:aws:iam::111122223333:policy/all").as_deref(), Some("all"));
        assert_eq!(policy_of_arn("arn:aws:iam::aws:policy/AdministratorAccess"), None);
        assert_eq!(user_of_arn("arn:aws:iam::111122223333:user/$(id)"), None);
    }
}
