//! Region codes and the names that mails use instead of them. A code is recognised by its form, so that a new Region
//! is read too; the names are those of the AWS documentation.

use crate::text::push_new;

/// Display names as in SES mails and the console. Newer Regions come with their code beside the name.
const NAMES: &[(&str, &str)] = &[
    ("us east (n. virginia)", "us-east-1"),
    ("us east (ohio)", "us-east-2"),
    ("us west (n. california)", "us-west-1"),
    ("us west (oregon)", "us-west-2"),
    ("africa (cape town)", "af-south-1"),
    ("asia pacific (hong kong)", "ap-east-1"),
    ("asia pacific (hyderabad)", "ap-south-2"),
    ("asia pacific (jakarta)", "ap-southeast-3"),
    ("asia pacific (melbourne)", "ap-southeast-4"),
    ("asia pacific (malaysia)", "ap-southeast-5"),
    ("asia pacific (mumbai)", "ap-south-1"),
    ("asia pacific (osaka)", "ap-northeast-3"),
    ("asia pacific (seoul)", "ap-northeast-2"),
    ("asia pacific (singapore)", "ap-southeast-1"),
    ("asia pacific (sydney)", "ap-southeast-2"),
    ("asia pacific (tokyo)", "ap-northeast-1"),
    ("canada (central)", "ca-central-1"),
    ("europe (frankfurt)", "eu-central-1"),
    ("europe (ireland)", "eu-west-1"),
    ("europe (london)", "eu-west-2"),
    ("europe (milan)", "eu-south-1"),
    ("europe (paris)", "eu-west-3"),
    ("europe (spain)", "eu-south-2"),
    ("europe (stockholm)", "eu-north-1"),
    ("europe (zurich)", "eu-central-2"),
    ("eu (frankfurt)", "eu-central-1"),
    ("eu (ireland)", "eu-west-1"),
    ("eu (london)", "eu-west-2"),
    ("israel (tel aviv)", "il-central-1"),
    ("middle east (bahrain)", "me-south-1"),
    ("middle east (uae)", "me-central-1"),
    ("south america (são paulo)", "sa-east-1"),
    ("south america (sao paulo)", "sa-east-1"),
];

/// Whether text has the form of a Region code (`ap-northeast-1`, `us-gov-west-1`, `eusc-de-east-1`).
pub(crate) fn is_code(text: &str) -> bool {
    const DIRECTIONS: [&str; 9] = ["north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest"];
    let parts: Vec<&str> = text.split('-').collect();
    let (Some(area), Some(number), Some(direction)) = (parts.first(), parts.last(), parts.len().checked_sub(2).and_then(|i| parts.get(i)))
    else {
        return false;
    };
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (3..=4).contains(&parts.len())
        && (area.len() == 2 || *area == "eusc")
        && parts.iter().all(word)
        && DIRECTIONS.contains(direction)
        && number.len() == 1
        && number.bytes().all(|b| b.is_ascii_digit())
}

/// All Regions named in a text, by code or by name, in order.
pub(crate) fn find(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut found = Vec::new();
    let mut at = 0;
    for token in lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
        // An Availability Zone is its Region with a letter behind it.
        let code = if is_code(token) { Some(token) } else { token.get(..token.len().saturating_sub(1)).filter(|code| is_code(code)) };
        if let Some(code) = code {
            found.push((at, code.to_owned()));
        }
        at += token.len() + 1;
    }
    for (name, code) in NAMES {
        if let Some(at) = lower.find(name) {
            found.push((at, (*code).to_owned()));
        }
    }
    found.sort();
    let mut codes = Vec::new();
    for (_, code) in found {
        push_new(&mut codes, code);
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names() {
        assert_eq!(find("Region(s): ap-northeast-1, us-gov-west-1 and US West (Oregon)"), ["ap-northeast-1", "us-gov-west-1", "us-west-2"]);
        assert_eq!(find("eu-central-1a"), ["eu-central-1"]);
        assert_eq!(find("arn:aws-eusc:ec2:eusc-de-east-1:111122223333:instance/i-0"), ["eusc-de-east-1"]);
        // Found by fuzzing.
        assert_eq!(find("arn:aws:guardduty:ap--northeast-1:111122223333:detector/d"), Vec::<String>::new());
        assert_eq!(find("a-north-1 us-east us-up-1 i-0abc"), Vec::<String>::new());
    }
}
