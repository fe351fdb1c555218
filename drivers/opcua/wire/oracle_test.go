package wire

import (
	"math"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"tagbridge/mapping/node"
)

// The encoding is compared with that of another implementation: what is appended here is decoded there, and what is
// encoded there is read here.

// encoded is v as gopcua encodes it.
func encoded(t testing.TB, v any) []byte {
	t.Helper()
	b, err := ua.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var when = time.Date(2026, 1, 2, 3, 4, 5, 678900, time.UTC)

// values are one of each type and shape, with how many bytes of Raw they have.
func values() []any {
	return []any{
		true, int8(-7), uint8(200), int16(-1234), uint16(65535), int32(-70000), uint32(1 << 31), int64(math.MinInt64),
		uint64(math.MaxUint64), float32(23.1), 23.1, "Größe", when, ua.NewGUID("72962B91-FA75-4AE6-8D28-B404DC7DAF63"),
		[]byte{1, 2, 3}, ua.XMLElement("<a/>"), ua.NewStringNodeID(3, "x"), ua.NewFourByteExpandedNodeID(0, 99),
		ua.StatusBadTimeout, &ua.QualifiedName{NamespaceIndex: 2, Name: "Q"}, ua.NewLocalizedText("Text"),
		ua.NewExtensionObject(&ua.EUInformation{
			NamespaceURI: "x", UnitID: 5, DisplayName: ua.NewLocalizedText("kN"), Description: ua.NewLocalizedText("kilonewton")}),
		[]bool{true, false}, []int32{1, 2, 3}, []string{"a", "", "bc"}, []float64{}, [][]int32{{1, 2, 3}, {4, 5, 6}},
		[]*ua.Variant{ua.MustVariant(int32(5)), ua.MustVariant("x")},
		[]*ua.LocalizedText{ua.NewLocalizedText("A"), ua.NewLocalizedText("B")},
	}
}

// TestVariantsOfAnotherImplementation also cuts each at every byte: none of the pieces may be taken for a value.
func TestVariantsOfAnotherImplementation(t *testing.T) {
	for _, v := range values() {
		want := ua.MustVariant(v)
		b := encoded(t, want)
		r := NewReader(b)
		got := r.Variant()
		if r.Err() != nil || len(r.Rest()) != 0 {
			t.Errorf("%T: %v, %d bytes left", v, r.Err(), len(r.Rest()))
			continue
		}
		if got.Type != Type(want.Type()) || got.Array && got.Count != int(want.ArrayLength()) {
			t.Errorf("%T: type %v count %d", v, got.Type, got.Count)
		}
		for n := range b {
			cut := NewReader(b[:n])
			if cut.Variant(); cut.Err() == nil {
				t.Errorf("%T: cut to %d of %d bytes it passes for a value", v, n, len(b))
			}
		}
	}
}

func TestElementsAndDimensions(t *testing.T) {
	v := NewReader(encoded(t, ua.MustVariant([][]int32{{1, 2, 3}, {4, 5, 6}}))).Variant()
	if d := v.Dimensions(); len(d) != 2 || d[0] != 2 || d[1] != 3 {
		t.Errorf("dimensions %v", d)
	}
	if e, ok := v.Element(4); !ok || le.Uint32(e.Raw) != 5 {
		t.Errorf("element 4 is %v", e)
	}
	if _, ok := v.Element(6); ok {
		t.Error("there is an element 6 of 6")
	}
	v = NewReader(encoded(t, ua.MustVariant([]string{"a", "", "bc"}))).Variant()
	for i, want := range []string{"a", "", "bc"} {
		if e, ok := v.Element(i); !ok || NewReader(e.Raw).String() != want {
			t.Errorf("element %d is %v, want %q", i, e, want)
		}
	}
}

func TestReadRoundTrip(t *testing.T) {
	q := &Read{Times: TimesSource}
	ids := []string{"i=2258", "ns=2;s=Größe", "ns=300;i=70000", "ns=1;i=70", "ns=4;b=AQID", "g=72962B91-FA75-4AE6-8D28-B404DC7DAF63"}
	for _, id := range ids {
		a, err := node.Parse(id)
		if err != nil {
			t.Fatal(err)
		}
		q.Add(a.ID, AttributeValue)
	}
	b := AppendRequest(nil, &Header{Token: Numeric(77), Time: when, Handle: 9, Timeout: time.Second}, q)
	_, got, err := ua.DecodeService(b)
	req, ok := got.(*ua.ReadRequest)
	if err != nil || !ok || len(req.NodesToRead) != len(ids) {
		t.Fatalf("decoded %T, %v", got, err)
	}
	if req.RequestHeader.RequestHandle != 9 || req.RequestHeader.AuthenticationToken.IntID() != 77 || req.RequestHeader.TimeoutHint != 1000 {
		t.Errorf("header %+v", req.RequestHeader)
	}
	for i, id := range ids {
		want, _ := ua.ParseNodeID(id)
		if n := req.NodesToRead[i]; n.NodeID.String() != want.String() || n.AttributeID != ua.AttributeIDValue {
			t.Errorf("node %d is %v, want %v", i, n.NodeID, want)
		}
	}
}

func TestReadResponse(t *testing.T) {
	res := &ua.ReadResponse{
		ResponseHeader: header(ua.StatusOK),
		Results: []*ua.DataValue{
			{EncodingMask: ua.DataValueValue | ua.DataValueSourceTimestamp | ua.DataValueServerTimestamp | ua.DataValueSourcePicoseconds,
				Value: ua.MustVariant(1.5), SourceTimestamp: when, ServerTimestamp: when.Add(time.Second), SourcePicoseconds: 5},
			{EncodingMask: ua.DataValueStatusCode, Status: ua.StatusBadNodeIDUnknown},
		},
		DiagnosticInfos: []*ua.DiagnosticInfo{},
	}
	b := append(encoded(t, ua.NewFourByteExpandedNodeID(0, 634)), encoded(t, res)...)
	r := NewReader(b)
	if err := r.Answer(&Read{}); err != nil {
		t.Fatal(err)
	}
	var v DataValue
	if n := r.Count(1); n != 2 {
		t.Fatalf("%d values", n)
	}
	r.DataValue(&v)
	if v.Value.Type != TypeDouble || v.Source != when.UnixNano()/100*100 || v.Server-v.Source != 1e9 {
		t.Errorf("first value %+v", v)
	}
	r.DataValue(&v)
	if v.Status != BadNodeIDUnknown || v.Value.Type != TypeNull || r.Err() != nil {
		t.Errorf("second value %+v, %v", v, r.Err())
	}
}

func TestFaultIsAnError(t *testing.T) {
	b := append(encoded(t, ua.NewFourByteExpandedNodeID(0, 397)), encoded(t, &ua.ServiceFault{ResponseHeader: header(ua.StatusBadTooManyOperations)})...)
	if err := NewReader(b).Answer(&Read{}); err != BadTooManyOperations {
		t.Errorf("fault is %v", err)
	}
	if err := NewReader(b[:20]).Answer(&Read{}); err == nil {
		t.Error("half a header passes")
	}
}

func header(status ua.StatusCode) *ua.ResponseHeader {
	return &ua.ResponseHeader{
		Timestamp: when, RequestHandle: 1, ServiceResult: status,
		ServiceDiagnostics: &ua.DiagnosticInfo{EncodingMask: 0x40, InnerDiagnosticInfo: &ua.DiagnosticInfo{}},
		StringTable:        []string{"x"}, AdditionalHeader: ua.NewExtensionObject(nil),
	}
}

// TestRequestsAreUnderstood decodes each of the other requests.
func TestRequestsAreUnderstood(t *testing.T) {
	for _, q := range []Request{
		OpenChannel{Mode: 3, Nonce: []byte{1}, Lifetime: time.Hour}, CloseChannel{}, GetEndpoints{URL: "opc.tcp://x:4840"},
		CreateSession{ApplicationURI: "urn:a", Name: "b", URL: "c", SessionName: "d", Nonce: []byte{1}, Timeout: time.Minute},
		ActivateSession{Identity: Identity{PolicyID: "anonymous"}},
		ActivateSession{Identity: Identity{Type: TokenPassword, PolicyID: "p", User: "u", Password: []byte("x"), Algorithm: "a"}},
		ActivateSession{Identity: Identity{Type: TokenCertificate, PolicyID: "c", Certificate: []byte{1, 2}}},
		CloseSession{}, RegisterNodes{Nodes: []NodeID{Numeric(1), {Space: 2, Kind: node.String, Text: "x"}}},
		Browse{Nodes: []NodeID{ObjectsFolder}, Reference: Hierarchical, Classes: 3, Max: 10}, BrowseNext{Points: [][]byte{{1}}},
		TranslatePaths{Paths: []Path{{Start: RootFolder, Names: []QualifiedName{{Name: "Objects"}, {Space: 2, Name: "x"}}}}},
		CreateSubscription{Interval: time.Second, KeepAlive: 5, Lifetime: 60}, DeleteSubscriptions{IDs: []uint32{1, 2}},
		CreateItems{Subscription: 5, Sampling: time.Second, Queue: 10, Items: []Item{
			{Node: Numeric(5), Handle: 1}, {Node: Numeric(6), Handle: 2, Deadband: 0.5}, {Node: Numeric(7), Deadband: 1, Percent: true}}},
		DeleteItems{Subscription: 5, IDs: []uint32{1}}, Publish{Acks: []Ack{{1, 2}, {3, 4}}},
	} {
		b := AppendRequest(nil, &Header{Time: when, Handle: 3}, q)
		_, got, err := ua.DecodeService(b)
		if err != nil {
			t.Errorf("%T: %v", q, err)
			continue
		}
		again := encoded(t, got)
		id := AppendNodeID(nil, Numeric(q.ID()))
		if string(again) != string(b[len(id):]) {
			t.Errorf("%T:\n%x there, encoded again\n%x here", q, again, b[len(id):])
		}
	}
}
