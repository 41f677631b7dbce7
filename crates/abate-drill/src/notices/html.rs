//! Lines as HTML: clean, or as noisy as word processors and ticket systems make it. What a reader sees stays the same.

use super::text::Line;
use crate::rng::Rng;

/// How the HTML looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Html {
    /// `<div>` and `<br>`
    Clean,
    /// spans, entities, comments; drawn from this seed
    Noisy(u64),
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Keeps runs of blanks: every second of them, and those at the beginning, become `&nbsp;`.
fn blanks(text: &str) -> String {
    let mut out = String::new();
    let mut after_blank = true;
    for letter in text.chars() {
        match letter {
            ' ' if after_blank => {
                out.push_str("&nbsp;");
                after_blank = false;
            }
            _ => {
                out.push(letter);
                after_blank = letter == ' ';
            }
        }
    }
    out
}

/// The whole document.
pub(crate) fn document(lines: &[Line], style: Html) -> String {
    match style {
        Html::Clean => {
            let rows: Vec<String> = lines.iter().map(|line| blanks(&escape(&line.text))).collect();
            format!("<html>\n<body>\n<div>{}</div>\n</body>\n</html>\n", rows.join("<br>\n"))
        }
        Html::Noisy(seed) => noisy(lines, &mut Rng::stream(seed, "notices/html")),
    }
}

fn noisy(lines: &[Line], rng: &mut Rng) -> String {
    let mut out = String::from(concat!(
        "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\">\n<head>\n",
        "<meta http-equiv=\"Content-Type\" content=\"text/html\">\n",
        "<style><!--\np.MsoNormal { margin: 0cm; font-size: 11.0pt }\n--></style>\n",
        "<title>Mail: 192.0.2.255</title>\n</head>\n",
        "<body lang=\"JA\" link=\"#0563C1\">\n<div class=\"WordSection1\">\n"
    ));
    for line in lines {
        if line.text.is_empty() {
            out.push_str("<p class=\"MsoNormal\"><span lang=\"EN-US\"><o:p>&nbsp;</o:p></span></p>\n");
            continue;
        }
        if rng.chance(10) {
            out.push_str("<!-- block -->\n");
        }
        out.push_str(rng.pick(&["<p class=\"MsoNormal\"><span lang=\"EN-US\">", "<p style='margin:0'><span style=\"font-size:10.5pt\">"]));
        let words: Vec<&str> = line.text.split(' ').collect();
        for (n, word) in words.iter().enumerate() {
            if n > 0 {
                let doubled = word.is_empty() || words.get(n.saturating_sub(1)).is_some_and(|word| word.is_empty());
                out.push_str(if doubled { "&nbsp;" } else { " " });
            }
            let shown = escape(word).replace('\'', "&#39;");
            match rng.range(0, 11) {
                0 => out.push_str(&format!("<span style=\"color:#1F497D\">{shown}</span>")),
                1 => out.push_str(&format!("<b>{shown}</b>")),
                2 => out.push_str(&format!("<span lang=\"EN-US\">{shown}<o:p></o:p></span>")),
                _ => out.push_str(&shown),
            }
        }
        out.push_str("</span></p>\n");
    }
    out.push_str("</div>\n</body>\n</html>\n");
    out
}
