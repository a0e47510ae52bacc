//! Workbooks (XLSX) as tables: one sheet becomes CSV with the same line numbers, and every number becomes exact decimal text.
//!
//! A sheet stores binary floating point. Its number is read as the double that it is and written as the shortest decimal that gives the
//! same double, which is what was typed. What a sheet only shows is not guessed: a cell formatted as a percentage, a date, an
//! error or a formula without a value stays recognisable, so that the reader of tables refuses it where a figure belongs.
//! Every part of the archive is read through a limit. Modules: `xml`, `cell`, `parts`, `sheet`.

mod cell;
mod parts;
mod sheet;
mod xml;

use std::io::Cursor;

use super::fault::{FaultCode, TableFault};

/// Limits of a workbook, in bytes.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// The file.
    file: usize,
    /// A part of it, unpacked.
    part: u64,
    /// The table that comes of it.
    table: usize,
}

/// Half a million rows of thirty figures: whoever has more writes CSV, of which eight times as much is read.
const LIMITS: Limits = Limits { file: 256 << 20, part: 512 << 20, table: 512 << 20 };

/// A sheet as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The table as CSV; its lines are the rows of the sheet.
    pub csv: Vec<u8>,
    /// Name of the sheet.
    pub name: String,
    /// Names of the sheets that were not read.
    pub others: Vec<String>,
}

/// Whether bytes are an archive, which no CSV is.
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Reads a sheet of a workbook: the first one, or the one of this name.
///
/// # Errors
/// What is wrong with the workbook, or that it has no such sheet.
pub fn read_workbook(bytes: &[u8], sheet: Option<&str>) -> Result<Sheet, TableFault> {
    read(bytes, sheet, LIMITS)
}

fn read(bytes: &[u8], sheet: Option<&str>, limits: Limits) -> Result<Sheet, TableFault> {
    if bytes.len() > limits.file {
        return Err(fault(FaultCode::WorkbookTooLarge, "the file"));
    }
    let mut parts = parts::Parts::open(Cursor::new(bytes), limits.part)?;
    let book = parts.book()?;
    let names = || book.sheets.iter().map(|sheet| sheet.name.clone());
    let chosen = match sheet {
        None => book.sheets.first(),
        Some(name) => book.sheets.iter().find(|known| known.name == name),
    };
    let Some(chosen) = chosen else {
        let list = names().collect::<Vec<_>>().join(", ");
        let fault = fault(FaultCode::SheetMissing, sheet.unwrap_or_default());
        return Err(fault.more(format!("有 {list}"), format!("there are {list}")));
    };
    let strings = parts.strings()?;
    let formats = parts.formats(book.has_1904)?;
    let xml = parts.part(&chosen.path)?;
    let csv = sheet::csv(&xml, &strings, &formats, limits.table)?;
    let others = names().filter(|name| *name != chosen.name).collect();
    Ok(Sheet { csv, name: chosen.name.clone(), others })
}

fn fault(code: FaultCode, found: &str) -> TableFault {
    TableFault::new(0, "", code, found)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;

    fn packed(sheet: &str) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        let parts = [
            ("xl/workbook.xml", "<workbook><sheets><sheet name=\"a\" r:id=\"r1\"/></sheets></workbook>"),
            ("xl/_rels/workbook.xml.rels", "<x><Relationship Id=\"r1\" Target=\"worksheets/sheet1.xml\"/></x>"),
            ("xl/sharedStrings.xml", "<sst><si><t>xxxxxxxxxxxxxxxxxxxx</t></si></sst>"),
            ("xl/worksheets/sheet1.xml", sheet),
        ];
        for (name, text) in parts {
            zip.start_file(name, options).expect("a part");
            zip.write_all(text.as_bytes()).expect("in memory");
        }
        zip.finish().expect("in memory").into_inner()
    }

    #[test]
    fn what_unpacks_to_more_than_its_limit_is_refused_and_not_held() {
        let limits = Limits { file: 1 << 20, part: 1 << 12, table: 1 << 10 };
        let bomb = packed(&format!("<sheetData>{}</sheetData>", " ".repeat(1 << 16)));
        assert!(bomb.len() < 1 << 11, "it is small as long as it is packed");
        let code = |bytes: &[u8]| read(bytes, None, limits).map_err(|fault| fault.code).err();
        assert_eq!(code(&bomb), Some(FaultCode::WorkbookTooLarge));
        // One shared text, named by many cells; and a cell far to the right, row after row.
        let cells = "<c t=\"s\"><v>0</v></c>".repeat(60);
        assert_eq!(
            code(&packed(&format!("<sheetData><row>{cells}</row></sheetData>"))),
            Some(FaultCode::WorkbookTooLarge)
        );
        let right = "<row><c r=\"ALL1\"><v>1</v></c></row>";
        assert_eq!(code(&packed(&format!("<sheetData>{right}{right}</sheetData>"))), Some(FaultCode::WorkbookTooLarge));
        let far = "<sheetData><row r=\"1048576\"><c><v>1</v></c></row></sheetData>";
        assert_eq!(code(&packed(far)), Some(FaultCode::WorkbookTooLarge));
        assert_eq!(code(&[0; (1 << 20) + 1]), Some(FaultCode::WorkbookTooLarge));
        assert_eq!(code(&packed("<sheetData><row><c><v>1</v></c></row></sheetData>")), None);
    }
}
