package mapping

import "testing"

func TestDecodeTypesAndOrders(t *testing.T) {
	for _, c := range []struct{ typ, order, raw, want string }{
		{"int16", "", "8000", "-32768 Int Good"},
		{"int16", "CDAB", "0102", "258 Int Good"},
		{"int16", "BADC", "0201", "258 Int Good"},
		{"int16", "DCBA", "0201", "258 Int Good"},
		{"uint16", "", "ffff", "65535 Uint Good"},
		{"int8", "", "12ff", "-1 Int Good"},
		{"int8", "BADC", "ff12", "-1 Int Good"},
		{"uint8", "", "12ff", "255 Uint Good"},
		{"bool", "", "0000", "false Bool Good"},
		{"bool", "", "0100", "true Bool Good"},
		{"int32", "ABCD", "01020304", "16909060 Int Good"},
		{"int32", "CDAB", "03040102", "16909060 Int Good"},
		{"int32", "BADC", "02010403", "16909060 Int Good"},
		{"int32", "DCBA", "04030201", "16909060 Int Good"},
		{"int32", "", "ffffffff", "-1 Int Good"},
		{"uint32", "", "ffffffff", "4294967295 Uint Good"},
		{"uint64", "ABCD", "0102030405060708", "72623859790382856 Uint64 Good"},
		{"uint64", "CDAB", "0708050603040102", "72623859790382856 Uint64 Good"},
		{"uint64", "BADC", "0201040306050807", "72623859790382856 Uint64 Good"},
		{"uint64", "DCBA", "0807060504030201", "72623859790382856 Uint64 Good"},
		{"uint64", "", "ffffffffffffffff", "18446744073709551615 Uint64 Good"},
		{"int64", "", "8000000000000000", "-9223372036854775808 Int64 Good"},
		{"int64", "", "7fffffffffffffff", "9223372036854775807 Int64 Good"},
		{"float32", "", "41b8cccd", "23.1 F32 Good"},
		{"float32", "CDAB", "cccd41b8", "23.1 F32 Good"},
		{"float32", "", "41b80000", "23.0 F32 Good"},
		{"float32", "", "7f7fffff", "3.4028235e+38 F32 Good"},
		{"float32", "", "00000001", "1e-45 F32 Good"},
		{"float32", "", "7fc00000", "null None BadNoData"},
		{"float32", "", "7f800000", "null None BadNoData"},
		{"float32", "", "ff800000", "null None BadNoData"},
		{"float64", "", "403719999999999a", "23.1 F64 Good"},
		{"float64", "DCBA", "9a99999999193740", "23.1 F64 Good"},
		{"float64", "", "7ff0000000000000", "null None BadNoData"},
		{"float64", "", "7ff8000000000001", "null None BadNoData"},
		{"float16", "", "3c00", "1.0 F32 Good"},
		{"float16", "", "4dc6", "23.1 F32 Good"},
		{"float16", "BADC", "c64d", "23.1 F32 Good"},
		{"float16", "", "7bff", "65504.0 F32 Good"},
		{"float16", "", "2e66", "0.1 F32 Good"},
		{"float16", "", "0001", "6e-8 F32 Good"},
		{"float16", "", "8000", "-0.0 F32 Good"},
		{"float16", "", "7c00", "null None BadNoData"},
		{"float16", "", "fe00", "null None BadNoData"},
		{"bcd16", "", "1234", "1234 Uint Good"},
		{"bcd16", "BADC", "3412", "1234 Uint Good"},
		{"bcd16", "", "123a", "null None BadDecodingError"},
		{"bcd16", "", "a000", "null None BadDecodingError"},
		{"bcd16", "", "9999", "9999 Uint Good"},
		{"bcd32", "CDAB", "56781234", "12345678 Uint Good"},
		{"bcd32", "", "f2345678", "null None BadDecodingError"},
		{"bcd32", "", "99999999", "99999999 Uint Good"},
	} {
		if got := decoded(t, newTag(t, c.typ, c.order), c.raw); got != c.want {
			t.Errorf("%s %s of %s = %s, want %s", c.typ, c.order, c.raw, got, c.want)
		}
	}
}

func TestDecodeParts(t *testing.T) {
	for _, c := range []struct{ address, typ, order, raw, want string }{
		{"holding:0.b0", "bool", "", "0001", "true Bool Good"},
		{"holding:0.b15", "bool", "", "8000", "true Bool Good"},
		{"holding:0.b15", "bool", "", "7fff", "false Bool Good"},
		{"holding:0.b15", "bool", "BADC", "0080", "true Bool Good"},
		{"holding:0.b15", "bool", "CDAB", "8000", "true Bool Good"},
		{"holding:0.b3", "uint8", "", "0008", "1 Uint Good"},
		{"input:7.hi", "uint8", "", "12fe", "18 Uint Good"},
		{"input:7.lo", "uint8", "", "12fe", "254 Uint Good"},
		{"input:7.lo", "int8", "", "12fe", "-2 Int Good"},
		{"input:7.hi", "int8", "DCBA", "12fe", "-2 Int Good"},
		{"input:7.hi", "uint16", "", "12fe", "18 Uint Good"},
	} {
		tag := newTag(t, c.typ, c.order)
		a, err := ParseAddress(c.address)
		if err != nil {
			t.Fatal(err)
		}
		tag.Address = a
		if got := decoded(t, tag, c.raw); got != c.want {
			t.Errorf("%s %s %s of %s = %s, want %s", c.address, c.typ, c.order, c.raw, got, c.want)
		}
	}
}

func TestDecodeText(t *testing.T) {
	for _, c := range []struct{ typ, order, raw, want string }{
		{"string:4", "", "50756d70", "Pump Text Good"},
		{"string:4", "CDAB", "50756d70", "Pump Text Good"},
		{"string:4", "BADC", "7550706d", "Pump Text Good"},
		{"string:4", "DCBA", "7550706d", "Pump Text Good"},
		{"string:3", "", "50756d70", "Pum Text Good"},
		{"string:3", "BADC", "7550706d", "Pum Text Good"},
		{"string:6", "", "507500006d70", "Pu Text Good"},
		{"string:6", "", "507520202009", "Pu Text Good"},
		{"string:6", "", "205020752000", " P u Text Good"},
		{"string:4", "", "00000000", " Text Good"},
		{"string:8", "", "4772c3b6c39f65c3", "Größe Text Good"},            // the last character is cut
		{"string:8", "", "e282ac2041e282ac", "€ A€ Text Good"},             // it is whole
		{"string:8", "", "31e282ac203132e2", "1€ 12 Text Good"},            // one byte of three
		{"string:4", "", "4d61df00", "Maß Text Good"},                      // Windows-1252
		{"string:4", "", "436166e9", "Café Text Good"},                     // it could be the first byte of three
		{"string:8", "", "0044007200750063", "null None BadDecodingError"}, // one character a register
		{"string:8", "", "4400720075000000", "null None BadDecodingError"}, // likewise, in the other byte
		{"string:8", "BADC", "4400720075006300", "null None BadDecodingError"},
		{"string:8", "", "004c442054455854", " Text Good"}, // the rest of an old text
		{"string:8", "", "4100424f42000000", "A Text Good"},
		{"string:4", "", "b0432020", "°C Text Good"},
		{"string:4", "", "c2b04300", "°C Text Good"},
		{"string:4", "", "80819f41", "€\u0081ŸA Text Good"},
	} {
		if got := decoded(t, newTag(t, c.typ, c.order), c.raw); got != c.want {
			t.Errorf("%s %s of %s = %q, want %q", c.typ, c.order, c.raw, got, c.want)
		}
	}
}

// Texts of one batch stand behind each other, and widening the second moves nothing of the first.
func TestDecodeTextsShareBlob(t *testing.T) {
	c := Compile(newTag(t, "string:4", ""))
	var b Batch
	samples := make([]Sample, 3)
	for i, raw := range []string{"50756d70", "80b08080", "41420000"} {
		c.Registers(wire(t, raw), &b, &samples[i])
	}
	for i, want := range []string{"Pump", "€°€€", "AB"} {
		if got := string(b.Text(&samples[i])); got != want {
			t.Errorf("text %d = %q, want %q", i, got, want)
		}
	}
}
