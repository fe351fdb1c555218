package formula

import (
	"math"
	"strconv"
)

// number is the number that in, input i, holds.
func (r *run) number(in *Input, i int) number {
	switch in.Kind {
	case Int:
		return whole(int64(in.Bits))
	case Float:
		return number{f: math.Float64frombits(in.Bits)}
	case None:
		return number{}
	}
	r.mismatch(i)
	return number{}
}

// truth is whether in, input i, holds. A number does where it is not 0: of a tag whose type nobody knows beforehand.
func (r *run) truth(in *Input, i int) bool {
	switch in.Kind {
	case True, Int:
		return in.Bits != 0
	case None:
		return false
	}
	r.mismatch(i)
	return false
}

// words is the text that in, input i, holds.
func (r *run) words(in *Input, i int) string {
	if in.Kind != Words && in.Kind != None {
		r.mismatch(i)
	}
	return in.Text
}

// asText is what people call the value of in: the text of its enumeration, or itself.
func asText(in *Input) string {
	switch in.Kind {
	case Words:
		return in.Text
	case Int:
		if in.Texts != nil {
			if text := in.Texts.EnumText(int64(in.Bits)); text != "" {
				return text
			}
		}
		return strconv.FormatInt(int64(in.Bits), 10)
	case Float:
		return strconv.FormatFloat(math.Float64frombits(in.Bits), 'g', -1, 64)
	case True:
		if in.Texts != nil {
			if text := in.Texts.EnumText(int64(in.Bits)); text != "" {
				return text
			}
		}
		return strconv.FormatBool(in.Bits == 1)
	}
	return ""
}
