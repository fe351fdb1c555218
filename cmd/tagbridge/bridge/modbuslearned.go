package bridge

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/modbus"
	"tagbridge/mapping/config"
)

// cutsJSON is what splitting blocks found out about a unit.
type cutsJSON struct {
	Of   string       `json:"of"` // the device: another one at another address knows nothing of this
	Cuts []modbus.Cut `json:"cuts"`
}

func identity(d *config.Device) string {
	return fmt.Sprintf("%s unit %d", d.Endpoint.Key, d.Modbus.UnitID)
}

// learned implements learner.
func (p *modbusProtocol) learned(d *config.Device, jobs []*drivers.Job) []byte {
	cuts := []modbus.Cut{}
	for _, j := range jobs {
		for _, c := range j.Work.(*modbus.Plan).Learned() {
			if !slices.Contains(cuts, c) {
				cuts = append(cuts, c)
			}
		}
	}
	if len(cuts) == 0 {
		return nil
	}
	text, _ := json.Marshal(cutsJSON{Of: identity(d), Cuts: cuts}) // texts and numbers always can be
	return text
}

// recall implements learner.
func (p *modbusProtocol) recall(d *config.Device, jobs []*drivers.Job, text []byte) {
	var kept cutsJSON
	if json.Unmarshal(text, &kept) != nil || kept.Of != identity(d) {
		return
	}
	now := time.Now()
	for _, j := range jobs {
		j.Work.(*modbus.Plan).Recall(kept.Cuts, now)
	}
}
