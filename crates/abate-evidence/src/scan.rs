//! What is looked for in every line of a large log, without anything that must be set up first: the library's searchers are made for long texts.

use std::net::IpAddr;

/// The text in front of the first `mark` and behind it.
pub(crate) fn split_once<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let at = find(text, mark)?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}

/// Where `mark` stands first. It must not be empty.
pub(crate) fn find(text: &str, mark: &str) -> Option<usize> {
    let first = *mark.as_bytes().first()?;
    memchr::memchr_iter(first, text.as_bytes()).find(|at| is_at(text, *at, mark))
}

/// Where `mark` stands, the last place first. It must not be empty.
pub(crate) fn rfind_all<'t>(text: &'t str, mark: &'static str) -> impl Iterator<Item = usize> + 't {
    let first = mark.as_bytes().first().copied().unwrap_or_default();
    memchr::memrchr_iter(first, text.as_bytes()).filter(move |at| is_at(text, *at, mark))
}

fn is_at(text: &str, at: usize, mark: &str) -> bool {
    text.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(mark.as_bytes()))
}

/// An address, if the text is one.
pub(crate) fn ip(text: &str) -> Option<IpAddr> {
    dotted(text.as_bytes()).map_or_else(|| text.parse().ok(), |octets| Some(octets.into()))
}

/// The common case by hand: an IPv4 address, several times as fast as the library.
fn dotted(word: &[u8]) -> Option<[u8; 4]> {
    let (mut octets, mut place, mut value, mut digits) = ([0_u8; 4], 0, 0_u16, 0);
    for byte in word {
        match byte {
            // No leading zeros, as the library has it: some read them as octal.
            b'0'..=b'9' if digits == 0 || value > 0 => {
                (value, digits) = (value * 10 + u16::from(byte - b'0'), digits + 1);
                (value <= 255).then_some(())?;
            }
            b'.' if digits > 0 => {
                *octets.get_mut(place)? = u8::try_from(value).ok()?;
                (place, value, digits) = (place + 1, 0, 0);
            }
            _ => return None,
        }
    }
    *octets.get_mut(place)? = u8::try_from(value).ok()?;
    (place == 3 && digits > 0).then_some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_the_library() {
        let addresses = [
            "1.2.3.4",
            "255.255.255.255",
            "256.1.1.1",
            "01.2.3.4",
            "1.2.3",
            "1.2.3.4.5",
            "1..2.3",
            ".1.2.3",
            "0.0.0.0",
            "1.2.3.",
            "::1",
            "x",
            "",
        ];
        for address in addresses {
            assert_eq!(ip(address), address.parse().ok(), "{address}");
        }
    }

    #[test]
    fn marks_are_found_where_the_library_finds_them() {
        for text in ["", " from ", "a from b from c", " fromfrom from", "é from ü", " fro", "from from "] {
            assert_eq!(split_once(text, " from "), text.split_once(" from "), "{text:?}");
            assert_eq!(find(text, "from"), text.find("from"), "{text:?}");
            let places: Vec<usize> = text.rmatch_indices(" from ").map(|(at, _)| at).collect();
            assert_eq!(rfind_all(text, " from ").collect::<Vec<_>>(), places, "{text:?}");
        }
    }
}
