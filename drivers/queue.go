package drivers

// queue is a heap of jobs that know where they are in it: a job is in at most one queue.
type queue struct {
	jobs []*Job
	less func(a, b *schedule) bool
}

func (q *queue) top() *Job {
	if len(q.jobs) == 0 {
		return nil
	}
	return q.jobs[0]
}

func (q *queue) push(j *Job) {
	j.sched.queue, j.sched.pos = q, len(q.jobs)
	q.jobs = append(q.jobs, j)
	q.up(j.sched.pos)
}

// remove takes j out of the queue that it is in, if any.
func (j *Job) remove() {
	q, at := j.sched.queue, j.sched.pos
	if q == nil {
		return
	}
	last := len(q.jobs) - 1
	q.swap(at, last)
	q.jobs[last] = nil
	q.jobs = q.jobs[:last]
	j.sched.queue = nil
	if at < last {
		q.down(at)
		q.up(at)
	}
}

func (q *queue) swap(i, k int) {
	q.jobs[i], q.jobs[k] = q.jobs[k], q.jobs[i]
	q.jobs[i].sched.pos, q.jobs[k].sched.pos = i, k
}

func (q *queue) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !q.less(&q.jobs[i].sched, &q.jobs[parent].sched) {
			return
		}
		q.swap(i, parent)
		i = parent
	}
}

func (q *queue) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(q.jobs); child++ {
			if q.less(&q.jobs[child].sched, &q.jobs[least].sched) {
				least = child
			}
		}
		if least == i {
			return
		}
		q.swap(i, least)
		i = least
	}
}
