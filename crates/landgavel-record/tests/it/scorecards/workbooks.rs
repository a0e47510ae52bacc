//! Workbooks: the table that a sheet shows, exactly, on its own lines.

use std::io::{Cursor, Write as _};

use landgavel_record::figures::{FaultCode, Sheet, TableFault, is_workbook, read_workbook};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{faults, read, scores};

/// A workbook with two sheets, shared texts, and styles: 0 plain, 1 percent, 2 a day, 3 a percent of its own.
fn workbook(sheet: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = [
        ("[Content_Types].xml", "<Types/>"),
        (
            "xl/workbook.xml",
            "<?xml version=\"1.0\"?><workbook xmlns:r=\"r\"><sheets><sheet name=\"企业 &amp; 数字\" sheetId=\"1\" r:id=\"rId1\"/>\
             <sheet name=\"说明\" sheetId=\"2\" r:id=\"rId2\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"rId2\" Target=\"/xl/worksheets/sheet2.xml\"/>\
             <Relationship Id=\"rId1\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        (
            "xl/sharedStrings.xml",
            "<sst><si><t>firm</t></si><si><r><t>甲</t></r><r><t>公司</t></r><rPh><t>jia</t></rPh></si><si/></sst>",
        ),
        (
            "xl/styles.xml",
            "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"0.000%\"/></numFmts>\
             <cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>\
             <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"10\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>",
        ),
        ("xl/worksheets/sheet1.xml", sheet),
        (
            "xl/worksheets/sheet2.xml",
            "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>7</v></c></row></sheetData></worksheet>",
        ),
    ];
    // Stored, so that every changed byte is one of its texts.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, text) in parts {
        zip.start_file(name, options).expect("a part");
        zip.write_all(text.as_bytes()).expect("in memory");
    }
    zip.finish().expect("in memory").into_inner()
}

fn sheet(rows: &str) -> Vec<u8> {
    workbook(&format!("<worksheet><dimension ref=\"A1\"/><sheetData>{rows}</sheetData></worksheet>"))
}

fn table(rows: &str) -> Result<String, TableFault> {
    read_workbook(&sheet(rows), None).map(|Sheet { csv, .. }| String::from_utf8(csv).expect("UTF-8"))
}

fn code(rows: &str) -> FaultCode {
    table(rows).expect_err("a broken sheet").code
}

const HEADS: &str =
    "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is><t>tax</t></is></c></row>";

#[test]
fn cells_become_exact_texts_on_the_lines_of_the_sheet() {
    let rows = format!(
        "{HEADS}<row r=\"3\"><c r=\"A3\" t=\"s\"><v>1</v></c><c r=\"B3\"><v>48.194000000000003</v></c></row>\
         <row r=\"4\"><c r=\"B4\" t=\"str\"><f>1+1</f><v>2</v></c></row>\
         <row r=\"5\"><c r=\"A5\" t=\"b\"><v>1</v></c><c r=\"B5\"><f>SUM(B3:B4)</f><v>0.1</v></c></row>\
         <row><c t=\"inlineStr\"><is><t xml:space=\"preserve\">a, \"b\"\nc</t></is></c></row>"
    );
    assert_eq!(table(&rows).expect("a sound sheet"), "firm,tax\n\n甲公司,48.194\n,2\nyes,0.1\n\"a, \"\"b\"\" c\",\n");
}

#[test]
fn what_only_looks_like_a_figure_is_no_figure() {
    let cell = |cell: &str| {
        let text =
            table(&format!("{HEADS}<row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c>{cell}</row>")).expect("a sound sheet");
        text.lines().nth(1).and_then(|line| line.split_once(',')).expect("two cells").1.to_owned()
    };
    assert_eq!(cell("<c r=\"B2\" s=\"1\"><v>2.75E-2</v></c>"), "\"2.75%\"");
    assert_eq!(cell("<c r=\"B2\" s=\"3\"><v>0.5</v></c>"), "\"50%\"");
    assert_eq!(cell("<c r=\"B2\" s=\"2\"><v>45992</v></c>"), "2025-12-01");
    assert_eq!(cell("<c r=\"B2\" t=\"e\"><v>#DIV/0!</v></c>"), "\"#DIV/0!\"");
    assert_eq!(cell("<c r=\"B2\"><f>A1</f></c>"), "\"=A1\"");
    assert_eq!(cell("<c r=\"B2\" s=\"99\"><v>5</v></c>"), "5");
    assert_eq!(cell("<c r=\"B2\"/>"), "");
    // A text that is a number stays the number that it says.
    assert_eq!(cell("<c r=\"B2\" t=\"inlineStr\"><is><t>0012.50</t></is></c>"), "0012.50");
}

#[test]
fn faults_name_the_rows_of_the_sheet() {
    let card = read(
        "format = \"landgavel-scorecard/1\"\nid = \"t\"\nversion = \"1\"\ntitle = { zh = \"表\", en = \"card\" }\nsource = \"assumption\"\n\
         [table]\nfirm = [\"firm\"]\n[columns.tax]\nname = { zh = \"税收\", en = \"tax paid\" }\nat_least = 0\n\
         [[items]]\nid = \"tax\"\nname = { zh = \"税收\", en = \"tax\" }\npoints = 10\ncap = \"none\"\n\
         ways = [{ kind = \"linear\", of = \"tax\", base = 10 }]\n\
         [grades]\nkind = \"quantile\"\ncuts = [{ grade = \"A\", to = \"100 %\" }]\n",
    )
    .expect("a sound card");
    let row = |number: u32, cell: &str| {
        format!("<row r=\"{number}\"><c r=\"A{number}\" t=\"inlineStr\"><is><t>f{number}</t></is></c>{cell}</row>")
    };
    let sound = table(&format!("{HEADS}{}", row(2, "<c><v>5</v></c>"))).expect("a sound sheet");
    assert_eq!(scores(&card, &sound)[0].1, "5");
    let cells = [
        ("<c s=\"1\"><v>0.05</v></c>", "percent"),
        ("<c s=\"2\"><v>45992</v></c>", "text"),
        ("<c t=\"e\"><v>#N/A</v></c>", "text"),
        ("<c><f>B2</f></c>", "text"),
        ("<c><v>-1</v></c>", "below-plausible"),
        ("<c><v>1e300</v></c>", "number-too-large"),
        ("<c><v>NaN</v></c>", "infinite"),
        ("<c><v>1</v></c><c><v>2</v></c>", "wrong-width"),
    ];
    for (cell, code) in cells {
        let text = table(&format!("{HEADS}{}{}", row(2, "<c><v>5</v></c>"), row(9, cell))).expect("a sheet");
        let told: Vec<_> = faults(&card, &text).iter().map(|fault| (fault.line, fault.code.as_str())).collect();
        assert_eq!(told, [(9, code)], "{cell}");
    }
}

#[test]
fn a_sheet_is_chosen_by_name_and_the_others_are_told() {
    let bytes = sheet(HEADS);
    assert!(is_workbook(&bytes) && !is_workbook(b"firm,tax\n"));
    let first = read_workbook(&bytes, None).expect("a sheet");
    assert_eq!((first.name.as_str(), first.others), ("企业 & 数字", vec!["说明".to_owned()]));
    assert_eq!(read_workbook(&bytes, Some("说明")).expect("a sheet").csv, b"7\n");
    let absent = read_workbook(&bytes, Some("Sheet3")).expect_err("no such sheet");
    assert_eq!(absent.code, FaultCode::SheetMissing);
    assert!(absent.en().contains("说明"), "{}", absent.en());
}

#[test]
fn broken_sheets_are_named() {
    assert_eq!(code("<row r=\"2\"/><row r=\"2\"/>"), FaultCode::NotWorkbook);
    assert_eq!(code("<row r=\"2\"/><row r=\"1\"/>"), FaultCode::NotWorkbook);
    assert_eq!(code("<row r=\"1048577\"/>"), FaultCode::NotWorkbook);
    assert_eq!(code("<row r=\"x\"/>"), FaultCode::NotWorkbook);
    assert_eq!(code("<row r=\"1\"><c r=\"B1\"/><c r=\"A1\"/></row>"), FaultCode::NotWorkbook);
    assert_eq!(code("<row r=\"1\"><c r=\"XFE1\"/></row>"), FaultCode::NotWorkbook);
    assert_eq!(code("<row r=\"1\"><c r=\"1\"/></row>"), FaultCode::NotWorkbook);
    assert_eq!(read_workbook(b"PK\x03\x04 and no more", None).expect_err("no archive").code, FaultCode::NotWorkbook);
    let empty = ZipWriter::new(Cursor::new(Vec::new())).finish().expect("in memory").into_inner();
    assert_eq!(read_workbook(&empty, None).expect_err("no parts").code, FaultCode::NotWorkbook);
}

#[test]
fn no_changed_byte_makes_it_panic_and_every_cut_is_refused() {
    let bytes =
        sheet(&format!("{HEADS}<row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c><c s=\"2\"><v>45992.5</v></c></row>"));
    for at in 0..bytes.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] ^= change;
            let _ = read_workbook(&changed, None);
        }
        assert!(read_workbook(&bytes[..at], None).is_err(), "{at}");
    }
}
