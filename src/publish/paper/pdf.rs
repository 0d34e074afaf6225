//! Placed pages as a PDF file, with a tree for screen readers (PDF/UA-1) and texts that can be
//! searched and copied.

use std::collections::HashMap;
use std::num::NonZeroU16;

use krilla::color::luma;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node as Leaf, SpanTag,
    TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

use super::font::{Fonts, Weight};
use super::layout::{Item, Laid, Mark, Measures, Role};
use super::{Paper, PaperFault};

/// A length in points.
#[allow(clippy::float_arithmetic)]
fn points(own: i64) -> f32 {
    own as f32 / 1000.0
}

/// A part of an em.
#[allow(clippy::float_arithmetic)]
fn ems(units: u16, em: u16) -> f32 {
    f32::from(units) / f32::from(em)
}

/// Writes the file.
///
/// # Errors
/// Faults of the machine alone.
pub fn write(paper: &Paper, fonts: &Fonts, laid: Laid) -> Result<Vec<u8>, PaperFault> {
    let readable = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1);
    let configuration =
        readable.finish().map_err(|fault| PaperFault::Written(format!("{fault:?}")))?;
    let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let measures = Measures::of(paper.sheet);
    let (width, height) = (points(measures.width), points(measures.height));
    let mut leaves: HashMap<usize, Vec<Leaf>> = HashMap::new();
    for items in &laid.pages {
        let settings = PageSettings::from_wh(width, height).ok_or(PaperFault::Size)?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        rules(&mut surface, items);
        for item in items {
            let part = match item {
                Item::Text { node, .. } => node.zip(text(&mut surface, fonts, item)),
                Item::Code { node, .. } => Some(*node).zip(code(&mut surface, item)),
                Item::Rule { .. } => None,
            };
            if let Some((node, part)) = part {
                leaves.entry(node).or_default().push(part.into());
            }
        }
        surface.finish();
        page.finish();
    }
    document.set_outline(outline(&laid.marks));
    document.set_tag_tree(tree(paper.language, &laid, leaves));
    let metadata = Metadata::new()
        .title(fonts.legible(&paper.title))
        .authors(vec![fonts.legible(&paper.author)])
        .language(paper.language.to_owned())
        .creator("Minh Bạch".to_owned());
    document.set_metadata(metadata);
    document.finish().map_err(|fault| PaperFault::Written(format!("{fault:?}")))
}

fn black() -> Fill {
    let paint = luma::Color::black().into();
    Fill { paint, opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

fn rules(surface: &mut Surface<'_>, items: &[Item]) {
    let mut path = PathBuilder::new();
    for item in items {
        let Item::Rule { x, y, width, thick } = item else { continue };
        let rule = Rect::from_xywh(points(*x), points(*y), points(*width), points(*thick));
        if let Some(rule) = rule {
            path.push_rect(rule);
        }
    }
    let Some(path) = path.finish() else { return };
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
    surface.set_fill(Some(Fill { paint: luma::Color::new(110).into(), ..black() }));
    surface.draw_path(&path);
    surface.end_tagged();
}

fn code(surface: &mut Surface<'_>, item: &Item) -> Option<Identifier> {
    let Item::Code { x, y, square, runs, .. } = item else { return None };
    let mut path = PathBuilder::new();
    for (column, row, count) in runs {
        let (left, top) = (points(x + column * square), points(y + row * square));
        // A run reaches a hair into the next row, so that no light line shows between them.
        let run = Rect::from_xywh(left, top, points(count * square), points(square + 20));
        if let Some(run) = run {
            path.push_rect(run);
        }
    }
    let path = path.finish()?;
    let part = surface.start_tagged(ContentTag::Other);
    surface.set_fill(Some(black()));
    surface.draw_path(&path);
    surface.end_tagged();
    Some(part)
}

fn text(surface: &mut Surface<'_>, fonts: &Fonts, item: &Item) -> Option<Identifier> {
    let Item::Text { x, y, size, weight, text, node } = item else { return None };
    let tag = match node {
        Some(_) => ContentTag::Span(SpanTag::empty()),
        None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)),
    };
    let part = surface.start_tagged(tag);
    surface.set_fill(Some(black()));
    let start = Point::from_xy(points(*x), points(*y));
    let glyphs = glyphs(fonts, *weight, text);
    let font = fonts.face(*weight).font.clone();
    surface.draw_glyphs(start, &glyphs, font, text, points(*size), false);
    surface.end_tagged();
    Some(part)
}

fn glyphs(fonts: &Fonts, weight: Weight, text: &str) -> Vec<KrillaGlyph> {
    let face = fonts.face(weight);
    let glyph = |(at, letter): (usize, char)| {
        let own = face.letter(letter)?;
        Some(KrillaGlyph {
            glyph_id: GlyphId::new(own.glyph),
            text_range: at..at + letter.len_utf8(),
            x_advance: ems(own.width, face.em),
            x_offset: 0.0,
            y_offset: 0.0,
            y_advance: 0.0,
            location: None,
        })
    };
    text.char_indices().filter_map(glyph).collect()
}

fn outline(marks: &[(usize, Mark)]) -> Outline {
    let mut outline = Outline::new();
    for (_, mark) in marks {
        let place = XyzDestination::new(mark.page, Point::from_xy(0.0, points(mark.y)));
        outline.push_child(OutlineNode::new(mark.text.clone(), place));
    }
    outline
}

fn kind(role: Role, text: Option<&str>, alternative: Option<&str>) -> TagKind {
    let head = |level: u16| {
        let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
        Tag::Hn(level, text.map(str::to_owned)).into()
    };
    match role {
        Role::Title => head(1),
        Role::Heading => head(2),
        Role::Paragraph => Tag::P.into(),
        Role::List => Tag::L(ListNumbering::Decimal).into(),
        Role::Item => Tag::LI.into(),
        Role::Label => Tag::Lbl.into(),
        Role::Body => Tag::LBody.into(),
        Role::Table => Tag::Table.into(),
        Role::Row => Tag::TR.into(),
        Role::Head => Tag::TH(TableHeaderScope::Column).into(),
        Role::Cell => Tag::TD.into(),
        Role::Figure => Tag::Figure(alternative.map(str::to_owned)).into(),
    }
}

/// The tree: parts in the order in which they were laid, each with its texts.
fn tree(language: &str, laid: &Laid, mut leaves: HashMap<usize, Vec<Leaf>>) -> TagTree {
    let texts: HashMap<usize, &str> =
        laid.marks.iter().map(|(node, mark)| (*node, mark.text.as_str())).collect();
    let mut groups: Vec<Option<TagGroup>> = (0..)
        .zip(&laid.nodes)
        .map(|(at, node)| {
            let own = leaves.remove(&at).unwrap_or_default();
            let alternative = laid.alternatives.get(&at).map(String::as_str);
            let kind = kind(node.role, texts.get(&at).copied(), alternative);
            Some(TagGroup::with_children(kind, own))
        })
        .collect();
    let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
    let mut tops = Vec::new();
    // A part stands after its parent, so that from the last one on each is whole when it goes.
    for (at, node) in laid.nodes.iter().enumerate().rev() {
        let Some(mut group) = groups.get_mut(at).and_then(Option::take) else { continue };
        // Its own parts came last one first.
        if group.children.iter().all(|own| matches!(own, Leaf::Group(_))) {
            group.children.reverse();
        }
        match node.parent.and_then(|parent| groups.get_mut(parent)).and_then(Option::as_mut) {
            Some(parent) => parent.push(group),
            None => tops.push(group),
        }
    }
    for group in tops.into_iter().rev() {
        tree.push(group);
    }
    tree
}
