package opcua

import (
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// notification is a PublishResponse of another implementation.
func notification(t *testing.T, sub, sequence uint32, parts ...any) []byte {
	t.Helper()
	msg := &ua.NotificationMessage{SequenceNumber: sequence, PublishTime: time.Now(), NotificationData: []*ua.ExtensionObject{}}
	for _, p := range parts {
		msg.NotificationData = append(msg.NotificationData, ua.NewExtensionObject(p))
	}
	res := &ua.PublishResponse{
		ResponseHeader: &ua.ResponseHeader{
			ServiceDiagnostics: &ua.DiagnosticInfo{}, StringTable: []string{}, AdditionalHeader: ua.NewExtensionObject(nil)},
		SubscriptionID: sub, AvailableSequenceNumbers: []uint32{sequence}, NotificationMessage: msg,
		Results: []ua.StatusCode{}, DiagnosticInfos: []*ua.DiagnosticInfo{},
	}
	id, err := ua.Encode(ua.NewFourByteExpandedNodeID(0, 829))
	if err != nil {
		t.Fatal(err)
	}
	body, err := ua.Encode(res)
	if err != nil {
		t.Fatal(err)
	}
	return append(id, body...)
}

// change is a DataChangeNotification of one value.
func change(handle uint32, v float64, status ua.StatusCode, at time.Time) *ua.DataChangeNotification {
	return &ua.DataChangeNotification{MonitoredItems: []*ua.MonitoredItemNotification{{ClientHandle: handle, Value: &ua.DataValue{
		EncodingMask: ua.DataValueValue | ua.DataValueStatusCode | ua.DataValueSourceTimestamp,
		Value:        ua.MustVariant(v), Status: status, SourceTimestamp: at,
	}}}, DiagnosticInfos: []*ua.DiagnosticInfo{}}
}

// pushed is a link with one subscription, number 5, to two tags, without a connection.
func pushed() (*Link, *drivers.Job, *Plan) {
	l := NewLink(LinkOptions{})
	j := jobOf(tags("i=1", "i=2"), PlanOptions{Subscribe: true, Timestamps: SourceTime})
	p := j.Work.(*Plan)
	l.epoch = &era{}
	l.types = newCatalog()
	l.push = publisher{jobs: map[uint32]*drivers.Job{5: j}, flying: map[uint32]bool{}, most: maxPublish}
	p.epoch = l.epoch
	p.sub = subscription{id: 5, epoch: l.epoch, items: []uint32{1, 2}, last: make([]order, 2), from: make([]origin, 2), stale: map[int]int{}}
	p.unsubscribed(wire.Good)
	return l, j, p
}

func TestNotifications(t *testing.T) {
	l, j, p := pushed()
	at := time.Now().Add(-time.Second).Truncate(time.Microsecond)
	hear := func(msg []byte) (*drivers.Job, []mapping.Sample) {
		t.Helper()
		b := &mapping.Batch{Group: j.Group}
		got, err := l.hear(msg, b)
		if err != nil {
			t.Fatal(err)
		}
		return got, b.Samples
	}
	got, samples := hear(notification(t, 5, 1, change(1, 2.5, 0, at)))
	if got != j || len(samples) != 1 || samples[0].Index != 1 || samples[0].Time != at.UnixNano() {
		t.Fatalf("first change: job %v, %+v", got, samples)
	}
	if got, samples := hear(notification(t, 5, 2)); got != nil || len(samples) != 0 {
		t.Errorf("a sign of life: job %v, %+v", got, samples)
	}
	_, samples = hear(notification(t, 5, 2, change(0, 7, 0x480, at)))
	if len(samples) != 1 || samples[0].Quality != mapping.Good || samples[0].Kind != mapping.F64 || p.lost[0] != 1 {
		t.Errorf("overflow: %+v, lost %v", samples, p.lost)
	}
	if p.sub.missing != 0 {
		t.Error("a gap where there is none")
	}
	if hear(notification(t, 5, 4, change(0, 8, 0, at))); p.sub.missing != 1 {
		t.Error("a lost notification goes unnoticed")
	}
	_, samples = hear(notification(t, 5, 5, change(0, 8, ua.StatusBadSensorFailure, at)))
	if samples[0].Quality != mapping.BadSensorFailure || samples[0].Kind != mapping.None || samples[0].Time != 0 {
		t.Errorf("a bad value, to be dated now: %+v", samples)
	}
	_, samples = hear(notification(t, 5, 6, change(0, 8, 0, at)))
	if samples[0].Time != 0 {
		t.Error("a good value is dated before the bad one that it follows")
	}
	if got, samples := hear(notification(t, 9, 1, change(0, 8, 0, at))); got != nil || len(samples) != 0 {
		t.Errorf("of another subscription: %v, %+v", got, samples)
	}
	if _, samples := hear(notification(t, 5, 7, change(77, 8, 0, at))); len(samples) != 0 {
		t.Errorf("of no item: %+v", samples)
	}
	if len(l.push.acks) != 6 {
		t.Errorf("%d acknowledgements: %v", len(l.push.acks), l.push.acks)
	}
	hear(notification(t, 5, 8, &ua.StatusChangeNotification{Status: ua.StatusBadTimeout, DiagnosticInfo: &ua.DiagnosticInfo{}}))
	if p.sub.id != 0 || len(l.push.jobs) != 0 {
		t.Error("a subscription that the server ended is taken for alive")
	}
}

func TestTimesThatCannotBe(t *testing.T) {
	l, j, _ := pushed()
	now := time.Now()
	for i, c := range []struct {
		at   time.Time
		kept bool
	}{
		{now.Add(-time.Hour), true}, {now.Add(30 * time.Second), true}, {now.Add(2 * time.Minute), false},
		{time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), false}, {time.Time{}, false},
	} {
		b := &mapping.Batch{Group: j.Group}
		if _, err := l.hear(notification(t, 5, uint32(i+1), change(0, 1, 0, c.at)), b); err != nil {
			t.Fatal(err)
		}
		if kept := b.Samples[0].Time != 0; kept != c.kept {
			t.Errorf("%v: kept %v, want %v", c.at, kept, c.kept)
		}
	}
	if l.notes.wrongTimes != 3 {
		t.Errorf("%d wrong times were counted, want 3", l.notes.wrongTimes)
	}
}
