//! The elements of an event that hold text. Entities of a document type are not expanded, what is no entity stays as it is, and
//! nesting is bounded.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::Event;

/// Deepest nesting that is followed; Windows itself nests values far less.
const MAX_DEPTH: usize = 64;

/// An element that holds text and no other element, with the names around it.
#[derive(Debug)]
pub(super) struct Leaf<'p, 'x> {
    /// local names, the outermost element first, itself last
    pub path: &'p [&'x str],
    /// its attributes as written
    pub attributes: Attributes<'x>,
    /// its text
    pub text: Cow<'x, str>,
}

/// The attributes of an element, as written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attributes<'x>(&'x str);

impl<'x> Attributes<'x> {
    /// The value of one.
    pub fn get(self, wanted: &str) -> Option<Cow<'x, str>> {
        let mut rest = self.0;
        loop {
            let (name, behind) = rest.split_once('=')?;
            let behind = behind.trim_ascii_start();
            let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, tail) = behind.get(1..)?.split_once(quote)?;
            if local(name.trim_ascii()) == wanted {
                return Some(unescaped(value));
            }
            rest = tail;
        }
    }
}

struct Open<'x> {
    attributes: Attributes<'x>,
    text: Option<Cow<'x, str>>,
    parent: bool,
}

/// Walks through one document and hands out every element that holds text, or nothing; says why it is no XML, if it is none.
pub(super) fn leaves<'x>(xml: &'x str, each: &mut dyn FnMut(Leaf<'_, 'x>)) -> Result<(), &'static str> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().allow_dangling_amp = true;
    let (mut path, mut open): (Vec<&str>, Vec<Open<'_>>) = (Vec::new(), Vec::new());
    let mut end = 0;
    loop {
        let event = reader.read_event().map_err(|_| "no well-formed XML")?;
        // What the event stands for, as it is written: its text lives as long as the document.
        let begin = std::mem::replace(&mut end, usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX));
        let written = xml.get(begin..end).unwrap_or_default();
        match event {
            Event::Eof => return if path.is_empty() { Ok(()) } else { Err("the XML ends inside an element") },
            Event::Text(_) | Event::GeneralRef(_) => add_text(&mut open, unescaped(written)),
            Event::CData(_) => {
                let inside = written.strip_prefix("<![CDATA[").and_then(|rest| rest.strip_suffix("]]>"));
                add_text(&mut open, Cow::Borrowed(inside.unwrap_or_default()));
            }
            Event::Start(_) => begins(written, &mut path, &mut open)?,
            Event::Empty(_) => {
                begins(written, &mut path, &mut open)?;
                close(&mut path, &mut open, each);
            }
            Event::End(_) => {
                close(&mut path, &mut open, each);
                if path.is_empty() {
                    return Ok(());
                }
            }
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) => {}
        }
    }
}

/// Opens an element by its tag.
fn begins<'x>(written: &'x str, path: &mut Vec<&'x str>, open: &mut Vec<Open<'x>>) -> Result<(), &'static str> {
    let tag = written.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/');
    let end = tag.find(|c: char| c.is_ascii_whitespace()).unwrap_or(tag.len());
    let (name, attributes) = tag.split_at_checked(end).ok_or("a tag without a name")?;
    if name.is_empty() || path.len() >= MAX_DEPTH {
        return Err("a tag without a name, or elements nested too deep");
    }
    if let Some(parent) = open.last_mut() {
        parent.parent = true;
    }
    path.push(local(name));
    open.push(Open { attributes: Attributes(attributes), text: None, parent: false });
    Ok(())
}

fn close<'x>(path: &mut Vec<&'x str>, open: &mut Vec<Open<'x>>, each: &mut dyn FnMut(Leaf<'_, 'x>)) {
    if let Some(element) = open.pop() {
        let text = element.text.unwrap_or_default();
        // Of an element with others in it, only words count, not the space between these.
        if !element.parent || !text.trim_ascii().is_empty() {
            each(Leaf { path, attributes: element.attributes, text });
        }
    }
    path.pop();
}

fn add_text<'x>(open: &mut [Open<'x>], text: Cow<'x, str>) {
    let Some(element) = open.last_mut().filter(|_| !text.is_empty()) else { return };
    match &mut element.text {
        Some(there) => there.to_mut().push_str(&text),
        none => *none = Some(text),
    }
}

/// A name without its namespace prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Text with its entities resolved; what is no entity stays as it is.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((front, behind)) = rest.split_once('&') {
        out.push_str(front);
        // The longest is `&#x10FFFF;`.
        let end = behind.bytes().take(10).position(|b| b == b';');
        let found = end.and_then(|end| Some((entity(behind.get(..end)?)?, behind.get(end + 1..)?)));
        let (c, tail) = found.unwrap_or(('&', behind));
        out.push(c);
        rest = tail;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = number.strip_prefix(['x', 'X']).map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
            char::from_u32(code?)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Found = Vec<(String, Option<String>, String)>;

    fn all(xml: &str) -> Result<Found, &'static str> {
        let mut found = Vec::new();
        leaves(xml, &mut |leaf| {
            found.push((leaf.path.join("/"), leaf.attributes.get("Name").map(Cow::into_owned), leaf.text.into_owned()));
        })?;
        Ok(found)
    }

    #[test]
    fn leaves_attributes_and_entities() {
        let xml = "<?xml version=\"1.0\"?><!-- <b> --><a x='>'><p:b n='1' Name = \"q&quot;&#x41;\"/>\n <c>1 &lt; &amp;lt; &nbsp; &#0; &</c><d><![CDATA[<x>&amp;]]>y</d>mixed</a>tail";
        let want = [("a/b", Some("q\"A"), ""), ("a/c", None, "1 < &lt; &nbsp; \0 &"), ("a/d", None, "<x>&amp;y"), ("a", None, "\n mixed")];
        assert_eq!(all(xml).unwrap(), want.map(|(p, n, t)| (p.to_owned(), n.map(str::to_owned), t.to_owned())));
    }

    #[test]
    fn what_is_no_xml_is_refused() {
        for xml in ["<a>", "<a></b>", "<a", "<a b='", "<![CDATA[", "<!-- ", "<>x</>", "</a>", &"<a>".repeat(100)] {
            assert!(all(xml).is_err(), "{xml}");
        }
    }
}
