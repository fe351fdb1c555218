package opcua

import (
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// follow notes the number of a notification, and those that are missing before it. It reports one that comes late: one
// of those that were missing, or one that was had already.
func (s *subscription) follow(sequence uint32) (late bool) {
	if s.sequence != 0 {
		switch ahead := int32(sequence - s.sequence); {
		case ahead < 0 && ahead > -1000:
			s.missing = max(0, s.missing-1)
			return true
		case ahead > 0:
			s.missing += int(ahead)
		case ahead < 0:
			s.missing++
		}
	}
	if s.sequence = sequence + 1; s.sequence == 0 {
		s.sequence = 1
	}
	return false
}

// unpack appends the changes of a notification; late tells that others have overtaken it.
func (v subscriber) unpack(n wire.Notification, late bool, b *mapping.Batch) error {
	v.p.mu.Lock()
	defer v.p.mu.Unlock()
	v.fill.start(v.Link, v.p, v.o.Now())
	renumbered := false
	for _, part := range n.Parts {
		switch part.Type {
		case wire.StatusChange:
			v.p.sub.id = 0
			delete(v.push.jobs, n.Subscription)
			v.log.Warn("the server ended a subscription, it is built again", "device", v.j.Device.Name,
				"err", wire.NewReader(part.Body).Status())
		case wire.DataChange:
			err := wire.Changes(part.Body, func(handle uint32, val *wire.DataValue) {
				if handle == v.p.tableHandle() && v.renumbered(val) {
					renumbered = true
				}
				if int(handle) >= len(v.p.tags) {
					return
				}
				if !v.p.pushed(int(handle), val, late) {
					return
				}
				v.fill.value(int(handle), val, b)
				if val.Status.Base() == wire.BadNodeIDUnknown {
					v.remake(int(handle), wire.BadNodeIDUnknown)
				}
			})
			if err != nil {
				return err
			}
		}
	}
	if renumbered {
		return errRenumbered
	}
	return nil
}
