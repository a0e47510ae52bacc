use core::fmt;

use crate::malformed::{Malformed, Reader};

const UNIT_NUMBER: &str = "real estate unit number";
const PARCEL_CODE: &str = "parcel code";

/// A parcel code (宗地代码): the first 19 characters of a real estate unit number.
///
/// County 6 digits, cadastral zone 3, subzone 3, ownership and kind one letter each, sequence 5 digits.
/// There is no check digit. Source: GB/T 37346-2019 不动产单元设定与代码编制规则.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParcelCode {
    county: [u8; 6],
    zone: [u8; 3],
    subzone: [u8; 3],
    ownership: LandOwnership,
    kind: ParcelKind,
    sequence: [u8; 5],
}

impl ParcelCode {
    /// Reads 19 characters such as `331081107218GB01022`.
    ///
    /// # Errors
    ///
    /// The first position that leaves the form.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut reader = Reader::new(PARCEL_CODE, text);
        let code = Self::read(&mut reader)?;
        reader.end("the end after 19 characters")?;
        Ok(code)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            county: reader.digits()?,
            zone: reader.digits()?,
            subzone: reader.digits()?,
            ownership: reader.take("G, J or Z (who owns the land)", LandOwnership::from_letter)?,
            kind: reader.take("one of A B C D E F G H L N S W X Y (kind of parcel)", ParcelKind::from_letter)?,
            sequence: reader.digits()?,
        })
    }

    /// Six digits of the county (GB/T 2260).
    pub fn county(&self) -> &str {
        ascii(&self.county)
    }

    /// Three digits of the cadastral zone (地籍区).
    pub fn zone(&self) -> &str {
        ascii(&self.zone)
    }

    /// Three digits of the cadastral subzone (地籍子区).
    pub fn subzone(&self) -> &str {
        ascii(&self.subzone)
    }

    /// Who owns the land.
    pub fn ownership(&self) -> LandOwnership {
        self.ownership
    }

    /// What kind of right the parcel was drawn for.
    pub fn kind(&self) -> ParcelKind {
        self.kind
    }

    /// Five digits that count parcels of the kind within the subzone.
    pub fn sequence(&self) -> &str {
        ascii(&self.sequence)
    }
}

impl fmt::Display for ParcelCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.county(), self.zone(), self.subzone())?;
        write!(f, "{}{}{}", self.ownership.letter(), self.kind.letter(), self.sequence())
    }
}

/// A real estate unit number (不动产单元代码): 28 characters for a parcel and what stands on it.
///
/// The parcel code, then one letter for the fixture and eight digits for its unit. A bare parcel ends
/// in `W00000000`. Source: GB/T 37346-2019.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitNumber {
    parcel: ParcelCode,
    fixture: Fixture,
    unit: [u8; 8],
}

impl UnitNumber {
    /// Reads 28 characters such as `331081107218GB01022W00000000`, without spaces.
    ///
    /// # Errors
    ///
    /// The first position that leaves the form.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut reader = Reader::new(UNIT_NUMBER, text);
        let parcel = ParcelCode::read(&mut reader)?;
        let fixture = reader.take("F, L, Q or W (what stands on the parcel)", Fixture::from_letter)?;
        let unit = match fixture {
            Fixture::None => bare_unit(&mut reader)?,
            Fixture::Building | Fixture::Forest | Fixture::Other => reader.digits()?,
        };
        reader.end("the end after 28 characters")?;
        Ok(Self { parcel, fixture, unit })
    }

    /// The number of a parcel on which nothing stands.
    pub const fn bare(parcel: ParcelCode) -> Self {
        Self { parcel, fixture: Fixture::None, unit: *b"00000000" }
    }

    /// The parcel.
    pub fn parcel(&self) -> ParcelCode {
        self.parcel
    }

    /// What stands on it.
    pub fn fixture(&self) -> Fixture {
        self.fixture
    }

    /// Eight digits of the fixture's unit: for buildings four of the building and four of the flat.
    pub fn unit(&self) -> &str {
        ascii(&self.unit)
    }
}

fn bare_unit(reader: &mut Reader<'_>) -> Result<[u8; 8], Malformed> {
    for _ in 0..8 {
        reader.take("0, as nothing stands on the parcel", |found| (found == '0').then_some(()))?;
    }
    Ok(*b"00000000")
}

impl fmt::Display for UnitNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.parcel, self.fixture.letter(), self.unit())
    }
}

/// Who owns the land of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LandOwnership {
    /// The state: `G`.
    State,
    /// A rural collective: `J`.
    Collective,
    /// Not settled or in dispute: `Z`.
    Unsettled,
}

impl LandOwnership {
    /// The letter in the code.
    pub const fn letter(self) -> char {
        match self {
            Self::State => 'G',
            Self::Collective => 'J',
            Self::Unsettled => 'Z',
        }
    }

    fn from_letter(letter: char) -> Option<Self> {
        [Self::State, Self::Collective, Self::Unsettled].into_iter().find(|known| known.letter() == letter)
    }
}

/// What kind of right a parcel was drawn for.
///
/// Industrial land on sale is nearly always [`ParcelKind::Surface`]. The letters L and N are an
/// assumption: they are in use in cadastral surveys, but we have not read them in the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParcelKind {
    /// Ownership by a collective (集体土地所有权): `A`.
    CollectiveOwnership,
    /// Construction on the surface (建设用地使用权, 地表): `B`.
    Surface,
    /// A rural homestead (宅基地使用权): `C`.
    Homestead,
    /// Contracted arable land (土地承包经营权, 耕地): `D`.
    ContractedArable,
    /// Contracted woodland (土地承包经营权, 林地): `E`.
    ContractedWoodland,
    /// Contracted grassland (土地承包经营权, 草地): `F`.
    ContractedGrassland,
    /// An uninhabited island (无居民海岛): `G`.
    UninhabitedIsland,
    /// Use of a sea area (海域使用权): `H`.
    SeaArea,
    /// Woodland outside contracts (林地使用权): `L`.
    Woodland,
    /// Other farmland outside contracts (农用地使用权): `N`.
    Farmland,
    /// Construction above the surface (建设用地使用权, 地上): `S`.
    AboveSurface,
    /// Use right not settled or in dispute: `W`.
    Unsettled,
    /// Construction below the surface (建设用地使用权, 地下): `X`.
    BelowSurface,
    /// Any other use right: `Y`.
    Other,
}

impl ParcelKind {
    const ALL: [Self; 14] = [
        Self::CollectiveOwnership,
        Self::Surface,
        Self::Homestead,
        Self::ContractedArable,
        Self::ContractedWoodland,
        Self::ContractedGrassland,
        Self::UninhabitedIsland,
        Self::SeaArea,
        Self::Woodland,
        Self::Farmland,
        Self::AboveSurface,
        Self::Unsettled,
        Self::BelowSurface,
        Self::Other,
    ];

    /// The letter in the code.
    pub const fn letter(self) -> char {
        match self {
            Self::CollectiveOwnership => 'A',
            Self::Surface => 'B',
            Self::Homestead => 'C',
            Self::ContractedArable => 'D',
            Self::ContractedWoodland => 'E',
            Self::ContractedGrassland => 'F',
            Self::UninhabitedIsland => 'G',
            Self::SeaArea => 'H',
            Self::Woodland => 'L',
            Self::Farmland => 'N',
            Self::AboveSurface => 'S',
            Self::Unsettled => 'W',
            Self::BelowSurface => 'X',
            Self::Other => 'Y',
        }
    }

    fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.letter() == letter)
    }
}

/// What stands on a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fixture {
    /// A building or structure: `F`.
    Building,
    /// Forest or trees: `L`.
    Forest,
    /// Something else: `Q`.
    Other,
    /// Nothing: `W`.
    None,
}

impl Fixture {
    /// The letter in the code.
    pub const fn letter(self) -> char {
        match self {
            Self::Building => 'F',
            Self::Forest => 'L',
            Self::Other => 'Q',
            Self::None => 'W',
        }
    }

    fn from_letter(letter: char) -> Option<Self> {
        [Self::Building, Self::Forest, Self::Other, Self::None].into_iter().find(|known| known.letter() == letter)
    }
}

fn ascii(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).expect("parse admits ASCII only")
}
