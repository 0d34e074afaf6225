//! What a test reads from the pages of an import.

pub(super) fn digits(text: &str) -> i64 {
    text.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

/// The token of a form that is posted: a filter's form has the same address, and none.
pub(super) fn post_token(html: &str, action: &str) -> String {
    let wanted = format!("action=\"{action}\" method=\"post\"");
    let after = html.split_once(&wanted).map_or("", |(_, rest)| rest);
    let (_, rest) = after.split_once("name=\"token\" value=\"").unwrap_or(("", ""));
    rest.get(..64).unwrap_or_default().to_owned()
}

pub(super) fn selected(html: &str, name: &str) -> String {
    let (_, rest) =
        html.split_once(&format!("<select class=\"govuk-select\" id=\"{name}\"")).unwrap();
    let options = rest.split("</select>").next().unwrap();
    let chosen = options.split("<option ").find(|option| option.contains(" selected"));
    chosen.map_or_else(String::new, |option| between(option, "value=\"", "\"").to_owned())
}

pub(super) fn input(html: &str, name: &str) -> String {
    let (_, rest) = html.split_once(&format!("name=\"{name}\" type=\"text\"")).unwrap();
    between(rest, "value=\"", "\"").to_owned()
}

pub(super) fn checked(html: &str, name: &str) -> String {
    let radio = html
        .split("<input ")
        .find(|input| input.contains(&format!("name=\"{name}\"")) && input.contains(" checked"));
    radio.map_or_else(String::new, |radio| between(radio, "value=\"", "\"").to_owned())
}

pub(super) fn between<'h>(html: &'h str, before: &str, after: &str) -> &'h str {
    html.split_once(before).map_or("", |(_, rest)| rest.split(after).next().unwrap_or_default())
}

/// Lines and sums of a table of totals by its caption: rows in order, the last is the file's.
pub(super) fn totals(html: &str, caption: &str) -> Vec<(i64, i64)> {
    let (_, rest) = html.split_once(caption).unwrap();
    let table = rest.split("</table>").next().unwrap();
    let rows = table.split("<tr ").skip(2);
    rows.map(|row| {
        let cells: Vec<&str> = row.split("mb-number").skip(1).collect();
        let number = |cell: &str| digits(between(cell, "\">", "</td>"));
        (number(cells[0]), number(cells[1]))
    })
    .collect()
}

pub(super) const BY_STATE: &str = "Các khoản tiền vào theo tình trạng";
pub(super) const BY_KIND: &str = "Các khoản tiền vào sẽ thành";

/// Both tables add up to the file's credits: lines and sum of these.
pub(super) fn all_credits(html: &str) -> (i64, i64) {
    let mut file = None;
    for caption in [BY_STATE, BY_KIND] {
        let mut rows = totals(html, caption);
        let all = rows.pop().unwrap();
        let sum = rows.iter().fold((0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
        assert_eq!(sum, all, "{caption}");
        assert_eq!(*file.get_or_insert(all), all);
    }
    file.unwrap()
}

/// What would be recorded, as the page says it.
pub(super) fn to_record(html: &str) -> (i64, i64) {
    let said = between(html, "Sẽ ghi ", ".</p>");
    let said = if said.is_empty() { between(html, "Sẽ ghi ", "</p>") } else { said };
    let (lines, rest) = said.split_once(" khoản, cộng ").unwrap();
    (digits(lines), digits(rest.split('₫').next().unwrap()))
}
