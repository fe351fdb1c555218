package convert

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"

	"tagbridge/mapping"
)

var (
	kepwareHexForm = regexp.MustCompile(`^[Hh]([0134])([0-9A-Fa-f]{4,5})(?:\.(\d{1,2}))?$`)
	kepwareListed  = regexp.MustCompile(`^(.*?)\s*\[(\d+)\](?:\s*\[(\d+)\])?$`)
)

// kepwareTables are the tables by the first digit of an address.
var kepwareTables = map[string]string{"0": "coil", "1": "discrete", "3": "input", "4": "holding"}

// kepwareHex rewrites an address such as H40001, whose number after the first digit is hexadecimal and counts from 1.
func kepwareHex(t tag, c *change) (why string) {
	m := kepwareHexForm.FindStringSubmatch(t["address"])
	if m == nil {
		return ""
	}
	n, err := strconv.ParseUint(m[2], 16, 32)
	if err != nil || n < 1 || n > 1<<16 {
		return "its hexadecimal address is none of 1 to 10000"
	}
	t["address"] = fmt.Sprintf("%s:%d", kepwareTables[m[1]], n-1)
	c.addf("hexadecimal %s is %s", m[0], t["address"])
	if m[3] != "" {
		t["address"] += ".b" + m[3]
		t["type"] = "bool"
	}
	return ""
}

// maxElements is how many elements an array has at most: what one request of Modbus can read.
const maxElements = 2000

// kepwareArray takes the size of an array, [rows] or [rows][columns], off the address.
func kepwareArray(t tag) (size []int, why string) {
	m := kepwareListed.FindStringSubmatch(t["address"])
	if m == nil {
		return nil, ""
	}
	all := 1
	for _, text := range m[2:] {
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxElements {
			return nil, fmt.Sprintf("an array of %s elements", text)
		}
		size = append(size, n)
		all *= n
	}
	if all > maxElements {
		return nil, fmt.Sprintf("an array of %d elements", all)
	}
	t["address"] = m[1]
	return size, ""
}

// elements takes a tag for each element of an array.
func (r *Result) elements(d *device, row string, t tag, size []int) {
	a, err := mapping.ParseAddress(t["address"])
	if err != nil {
		r.refuse(row, t["tag"], err.Error())
		return
	}
	step := 1
	if typ, _, err := mapping.ParseType(t["type"]); err == nil {
		step = max(typ.Registers(), 1)
	}
	columns := 1
	if len(size) == 2 {
		columns = size[1]
	}
	table, _, _ := strings.Cut(a.String(), ":")
	for i := range size[0] * columns {
		one := maps.Clone(t)
		one["tag"] = fmt.Sprintf("%s/%d", t["tag"], i)
		if len(size) == 2 {
			one["tag"] = fmt.Sprintf("%s/%d/%d", t["tag"], i/columns, i%columns)
		}
		one["address"] = fmt.Sprintf("%s:%d", table, int(a.Number)+i*step)
		r.take(d, row, one, change{fmt.Sprintf("one of an array of %d", size[0]*columns)})
	}
}
