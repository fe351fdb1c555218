package opcua

import "tagbridge/drivers/opcua/wire"

// derivedType is a simple type of the standard's.
type derivedType struct {
	id  uint32
	typ wire.Type
}

// derived are the simple types of the standard's (Part 3, 8) that members often have: no server has to be asked.
var derived = [...]derivedType{
	{30, wire.TypeByteString}, // Image
	{288, wire.TypeUInt32},    // IntegerId
	{289, wire.TypeUInt32},    // Counter
	{290, wire.TypeDouble},    // Duration
	{291, wire.TypeString},    // NumericRange
	{294, wire.TypeDateTime},  // UtcTime
	{295, wire.TypeString},    // LocaleId
}

var (
	rangeType     = wire.Numeric(884)
	unitType      = wire.Numeric(887)
	enumValueType = wire.Numeric(7594)
)

// standardEncodings are the types of well-known encodings.
var standardEncodings = map[wire.NodeID]wire.NodeID{
	wire.RangeEncoding: rangeType, wire.UnitEncoding: unitType, wire.EnumValueEncoding: enumValueType,
}

// standardStructures are structures of the standard's (Part 8, 5.6; Part 3, 8.39), which small servers use and do not
// describe.
var standardStructures = map[wire.NodeID]*wire.Definition{
	rangeType:           members("Low", 11, "High", 11),
	unitType:            members("NamespaceUri", 12, "UnitId", 6, "DisplayName", 21, "Description", 21),
	enumValueType:       members("Value", 8, "DisplayName", 21, "Description", 21),
	wire.Numeric(8912):  members("Offset", 4, "DaylightSavingInOffset", 1), // TimeZoneDataType
	wire.Numeric(12080): members("X", 11, "Value", 10),                     // XVType
	wire.Numeric(12171): members("Real", 10, "Imaginary", 10),              // ComplexNumberType
	wire.Numeric(12172): members("Real", 11, "Imaginary", 11),              // DoubleComplexNumberType
}

// members is a definition of names and built-in types.
func members(list ...any) *wire.Definition {
	d := &wire.Definition{}
	for i := 0; i < len(list); i += 2 {
		f := wire.Field{Name: list[i].(string), Type: wire.Numeric(uint32(list[i+1].(int))), Rank: -1}
		d.Fields = append(d.Fields, f)
	}
	return d
}
