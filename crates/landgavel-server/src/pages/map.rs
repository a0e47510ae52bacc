use landgavel_base::Position;

/// A parcel's outline as a picture.
pub(super) struct Map {
    /// `x y width height` of the picture.
    pub view_box: String,
    /// Corners, `x,y` each.
    pub points: String,
    /// What is seen.
    pub caption: String,
    /// Class of the land.
    pub tone: &'static str,
}

/// cos of a whole degree of latitude in thousandths, each ten degrees: a map of one parcel needs no more.
const COSINES: [i64; 10] = [1000, 985, 940, 866, 766, 643, 500, 342, 174, 17];
/// Size of the longer side of the land in the picture.
const SIDE: i64 = 1000;
const MARGIN: i64 = 120;

impl Map {
    /// Draws an outline, north up; nothing when there is none.
    pub fn of(outline: &[Position], caption: String) -> Option<Self> {
        let south = outline.iter().map(|corner| corner.latitude()).min()?;
        let north = outline.iter().map(|corner| corner.latitude()).max()?;
        let west = outline.iter().map(|corner| corner.longitude()).min()?;
        let narrow = cosine(south);
        // A degree of longitude is shorter than one of latitude by the cosine.
        let across = |corner: &Position| (corner.longitude() - west) * narrow / 1000;
        let width = outline.iter().map(across).max()?.max(1);
        let height = (north - south).max(1);
        let longer = width.max(height);
        let scale = |length: i64| length * SIDE / longer;
        let point = |corner: &Position| {
            format!("{},{}", MARGIN + scale(across(corner)), MARGIN + scale(north - corner.latitude()))
        };
        let points: Vec<String> = outline.iter().map(point).collect();
        let view_box = format!("0 0 {} {}", scale(width) + 2 * MARGIN, scale(height) + 2 * MARGIN);
        Some(Self { view_box, points: points.join(" "), caption, tone: "" })
    }
}

/// In thousandths, between the table's values by a straight line.
fn cosine(latitude: i64) -> i64 {
    let tenths = (latitude.abs() * 10 / Position::PER_DEGREE).min(899);
    let row = usize::try_from(tenths / 100).unwrap_or(0);
    COSINES[row] + (COSINES[row + 1] - COSINES[row]) * (tenths % 100) / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corners(texts: &[&str]) -> Vec<Position> {
        texts.iter().map(|text| Position::parse(text).unwrap()).collect()
    }

    #[test]
    fn a_square_at_sixty_degrees_is_drawn_square() {
        let map = Map::of(&corners(&["10 60", "10.02 60", "10.02 60.01", "10 60.01"]), String::new()).unwrap();
        assert_eq!(map.points, "120,1120 1120,1120 1120,120 120,120");
        assert_eq!(map.view_box, "0 0 1240 1240");
    }

    #[test]
    fn no_outline_is_no_map_and_a_line_is_no_fault() {
        assert!(Map::of(&[], String::new()).is_none());
        assert!(Map::of(&corners(&["1 1", "2 1", "3 1"]), String::new()).is_some());
    }
}
