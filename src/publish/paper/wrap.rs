//! Texts cut into lines that are no wider than their room.

/// The lines of a text, at least one. A line that ends at a space keeps it, so that a reader who
/// copies the text gets its words apart; `measure` tells the width of a text without that space.
///
/// A word that is wider than the room is cut within itself.
#[must_use]
pub fn wrap(text: &str, room: i64, measure: impl Fn(&str) -> i64) -> Vec<String> {
    let space = measure(" ");
    let mut lines = Vec::new();
    for part in text.split('\n') {
        let mut line = String::new();
        let mut used = 0;
        for word in part.split(' ').filter(|word| !word.is_empty()) {
            let width = measure(word);
            let gap = if line.is_empty() { 0 } else { space };
            if used + gap + width <= room {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
                used += gap + width;
                continue;
            }
            if !line.is_empty() {
                line.push(' ');
                lines.push(std::mem::take(&mut line));
            }
            let mut pieces = cut(word, room, &measure);
            line = pieces.pop().unwrap_or_default();
            lines.append(&mut pieces);
            used = measure(&line);
        }
        lines.push(line);
    }
    lines
}

/// A word in pieces that fit; a letter that is wider than the room stands alone.
fn cut(word: &str, room: i64, measure: &impl Fn(&str) -> i64) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for letter in word.chars() {
        let width = measure(letter.encode_utf8(&mut [0; 4]));
        let full = used + width > room;
        match pieces.last_mut() {
            Some(piece) if !full || piece.is_empty() => piece.push(letter),
            _ => {
                pieces.push(letter.to_string());
                used = 0;
            }
        }
        used += width;
    }
    pieces
}
