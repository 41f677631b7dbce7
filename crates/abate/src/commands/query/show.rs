//! Answers and lists of tables as people read them.

use std::io::{self, Write};

use abate_model::{Lang, Text};
use abate_sql::{Answer, Cells, Column, Engine, Listed, SqlError, Values};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets::UTF8_BORDERS_ONLY};
use serde_json::{Value, json};

use crate::cli::QueryFormat;
use crate::screen;

/// Characters of a value that a table shows on a screen; how many more there are is said.
const MOST_CHARS: usize = 400;

/// Columns of a screen into which a table is fitted.
const NARROWEST: u16 = 40;

/// How an answer is shown.
#[derive(Clone, Copy, Debug)]
pub struct View {
    pub format: QueryFormat,
    pub expanded: bool,
    /// rows of a table; 0 is all
    pub limit: u64,
    pub lang: Lang,
}

/// A screen: lines are handed on without anything that it would obey.
pub struct Harmless<W: Write> {
    out: W,
    line: Vec<u8>,
}

impl<W: Write> Harmless<W> {
    /// In front of a screen.
    pub fn new(out: W) -> Self {
        Self { out, line: Vec::new() }
    }
}

impl<W: Write> Write for Harmless<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        // Whole lines only, so that no character is cut in two.
        if let Some(end) = self.line.iter().rposition(|byte| *byte == b'\n') {
            let rest = self.line.split_off(end + 1);
            let lines = std::mem::replace(&mut self.line, rest);
            self.out.write_all(screen::safe(&String::from_utf8_lossy(&lines)).as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.line);
        self.out.write_all(screen::safe(&String::from_utf8_lossy(&rest)).as_bytes())?;
        self.out.flush()
    }
}

/// A value of a log in a cell: on one line, and on a screen not too long.
fn value(text: &str, cut: bool) -> String {
    let plain = screen::safe(text).replace('\n', "·");
    let length = if cut && plain.len() > MOST_CHARS { plain.chars().count() } else { 0 };
    if length <= MOST_CHARS {
        return plain;
    }
    let start: String = plain.chars().take(MOST_CHARS).collect();
    format!("{start}… (+{})", length - MOST_CHARS)
}

/// Shows an answer as a table, or with each value on a line of its own.
pub fn table(answer: &mut Answer<'_>, view: &View, out: &mut dyn Write) -> Result<(), SqlError> {
    let columns = Column::of(answer.schema());
    let (mut shown, mut rows): (Vec<Cells>, u64) = (Vec::new(), 0);
    while let Some(batch) = answer.next_batch()? {
        let room = if view.limit == 0 { u64::MAX } else { view.limit.saturating_sub(rows) };
        if room > 0 {
            shown.extend(Values::of(&batch)?.rows().take(usize::try_from(room).unwrap_or(usize::MAX)));
        }
        rows += batch.num_rows() as u64;
    }
    let screen = io::IsTerminal::is_terminal(&io::stdout());
    let plan = columns.first().is_some_and(|column| column.name == "plan_type") && columns.len() == 2;
    if plan {
        // The answer to EXPLAIN is a drawing of several lines.
        for row in shown.iter().flatten().flatten() {
            writeln!(out, "{}", screen::safe(row.trim_end()))?;
        }
    } else if view.expanded {
        expanded(&columns, &shown, screen, out)?;
    } else {
        writeln!(out, "{}", grid(&columns, &shown, screen))?;
    }
    let hidden = rows - shown.len() as u64;
    let sum = if hidden == 0 {
        Text::new(format!("({})", abate_model::text::count(rows, "row")), format!("（{rows} 行）"))
    } else {
        Text::new(
            format!("({rows} rows, of which {hidden} are not shown: --limit 0 shows all, --out FILE.csv writes all)"),
            format!("（{rows} 行。うち {hidden} 行は表示していません。--limit 0 ですべて表示、--out ファイル.csv ですべて書き出します）"),
        )
    };
    writeln!(out, "{}", sum.get(view.lang))?;
    Ok(())
}

fn new_table(screen: bool) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    // A terminal that does not say how wide it is, or is narrower than any table, gets long lines.
    if screen && table.width().is_some_and(|width| width >= NARROWEST) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table
}

fn grid(columns: &[Column], rows: &[Cells], screen: bool) -> Table {
    let mut table = new_table(screen);
    table.set_header(columns.iter().map(|column| value(&column.name, screen)));
    for row in rows {
        let cells = row.iter().zip(columns).map(|(cell, column)| {
            let cell = Cell::new(cell.as_deref().map_or_else(|| "NULL".to_owned(), |text| value(text, screen)));
            if column.number { cell.set_alignment(CellAlignment::Right) } else { cell }
        });
        table.add_row(cells);
    }
    table
}

fn expanded(columns: &[Column], rows: &[Cells], screen: bool, out: &mut dyn Write) -> io::Result<()> {
    let width = columns.iter().map(|column| column.name.chars().count()).max().unwrap_or_default();
    for (n, row) in rows.iter().enumerate() {
        writeln!(out, "-[ {} ]-", n + 1)?;
        for (cell, column) in row.iter().zip(columns) {
            let name = value(&column.name, screen);
            let pad = " ".repeat(width.saturating_sub(name.chars().count()));
            writeln!(out, "{name}{pad} | {}", cell.as_deref().map_or_else(|| "NULL".to_owned(), |text| value(text, false)))?;
        }
    }
    Ok(())
}

/// First and last time, as text.
type Span = Option<(String, String)>;

/// Every table with the time that it spans.
pub fn spans(engine: &Engine) -> Result<Vec<(&Listed, Span)>, SqlError> {
    engine.tables().iter().map(|table| Ok((table, engine.span(table)?))).collect()
}

/// The list of tables; those without rows are named in a line below it.
pub fn tables(tables: &[(&Listed, Span)], lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    let t = |en: &'static str, ja: &'static str| Text::fixed(en, ja).get(lang).to_owned();
    let mut grid = new_table(io::IsTerminal::is_terminal(&io::stdout()));
    grid.set_header([t("table", "テーブル"), t("rows", "行数"), t("first", "最初"), t("last", "最後")]);
    for (table, span) in tables.iter().filter(|(table, _)| table.rows > 0) {
        let (first, last) = span.clone().unwrap_or_default();
        let rows = Cell::new(table.rows).set_alignment(CellAlignment::Right);
        grid.add_row([Cell::new(value(&table.name, true)), rows, Cell::new(first), Cell::new(last)]);
    }
    writeln!(out, "{grid}")?;
    let empty: Vec<String> = tables.iter().filter(|(table, _)| table.rows == 0).map(|(table, _)| value(&table.name, true)).collect();
    if !empty.is_empty() {
        writeln!(out, "{}: {}", t("without rows", "行のないテーブル"), empty.join(", "))?;
    }
    Ok(())
}

/// The list of tables for programs.
pub fn tables_json(tables: &[(&Listed, Span)]) -> Value {
    let one = |(table, span): &(&Listed, Span)| {
        let (first, last) = span.clone().unzip();
        json!({ "table": table.name, "rows": table.rows, "first": first, "last": last })
    };
    tables.iter().map(one).collect()
}

/// The columns of a table.
pub fn columns(table: &Listed, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    let t = |en: &'static str, ja: &'static str| Text::fixed(en, ja).get(lang).to_owned();
    let mut grid = new_table(io::IsTerminal::is_terminal(&io::stdout()));
    grid.set_header([t("column", "列"), t("type", "型"), t("OCSF attribute", "OCSF 属性"), t("meaning", "意味")]);
    for column in &table.columns {
        grid.add_row([value(&column.name, true), value(&column.kind, true), column.ocsf.to_owned(), column.doc.to_owned()]);
    }
    writeln!(out, "{grid}")
}

/// The columns of a table for programs.
pub fn columns_json(table: &Listed) -> Value {
    let one = |column: &abate_sql::ListedColumn| json!({ "column": column.name, "type": column.kind, "ocsf": column.ocsf, "meaning": column.doc });
    json!({ "table": table.name, "rows": table.rows, "columns": table.columns.iter().map(one).collect::<Value>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_on_its_line_and_says_what_was_cut() {
        assert_eq!(value("a\n\u{1b}[2Jb", true), "a··[2Jb");
        let long = "あ".repeat(MOST_CHARS + 7);
        assert_eq!(value(&long, false), long);
        assert_eq!(value(&long, true), format!("{}… (+7)", "あ".repeat(MOST_CHARS)));
    }

    #[test]
    fn a_screen_gets_whole_lines_without_control_characters() {
        let mut out = Harmless::new(Vec::new());
        for byte in "証\u{1b}[2J跡\nend\u{9b}".as_bytes() {
            out.write_all(&[*byte]).expect("into memory");
        }
        out.flush().expect("into memory");
        assert_eq!(String::from_utf8_lossy(&out.out), "証·[2J跡\nend·");
    }
}
