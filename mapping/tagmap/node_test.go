package tagmap

import "testing"

// TestNodesOfMaps takes what programs show and structures have: it is carried as it was parsed, and shown as written.
func TestNodesOfMaps(t *testing.T) {
	for _, c := range []struct{ address, element, meant string }{
		{"g={72962B91-FA75-4AE6-8D28-B404DC7DAF63}", "", "g=72962b91-fa75-4ae6-8d28-b404dc7daf63"},
		{"ns=2;s=Motor 1", ".Motor Speed", "ns=2;s=Motor 1"},
		{"nsu=urn:x;s=a;b=c", "[ 3 ].R&D", "s=a;b=c"},
	} {
		tag, err := Tag(Defaults{Driver: "opcua"}, map[string]string{"tag": "t", "address": c.address, "element": c.element})
		if err != nil {
			t.Errorf("%s %s: %v", c.address, c.element, err)
			continue
		}
		if got := tag.Node.ID.String(); got != c.meant || tag.Node.String() != c.address {
			t.Errorf("%s is %s, shown as %s", c.address, got, tag.Node)
		}
	}
	tag, err := Tag(Defaults{Driver: "opcua"}, map[string]string{"tag": "t", "address": "/a&//2:b"})
	if err != nil || len(tag.Node.Path) != 2 || tag.Node.Path[0].Name != "a/" || tag.Node.Path[1].Space != 2 {
		t.Errorf("%+v, %v", tag, err)
	}
}
