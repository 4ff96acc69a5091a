package main

import "sort"

// upload or download, from its start to its end. Starting anew (SES-10) makes a new one.
type transfer struct {
	issued  bool   // does the device have the URL?
	percent *int64 // of the last report
	end     string // the report that ended it
}

// create is a create_upload_task that is owed an answer, and the task that it started.
type create struct {
	at           int
	size, md5sum any
	task         *transfer
}

type advice struct {
	At   int    `json:"at"`
	Code string `json:"code"`
}

// session observes both topics of one device.
type session struct {
	profile            string
	given              []advice
	count              int
	seen               map[string]bool
	uploads, downloads map[any]*transfer // by name
	creates            map[any][]create  // unanswered, by name, oldest first
	queries            int               // unanswered get_download_task
	lastResponse       map[[2]any]string // by type and name: the last task response
	uploadReports      []int             // unanswered, oldest first
	downloadReports    []int
}

func newSession(profile string) *session {
	return &session{
		profile:      profile,
		seen:         map[string]bool{},
		uploads:      map[any]*transfer{},
		downloads:    map[any]*transfer{},
		creates:      map[any][]create{},
		lastResponse: map[[2]any]string{},
	}
}

// observe takes the next message. After an error the session stays usable: what was refused changed no task (SES-12).
func (s *session) observe(m message, dup bool) error {
	at := s.count
	s.count++
	spelt := string(spelling(m))
	if dup && s.seen[spelt] { // SES-11: delivered again by MQTT
		return nil
	}
	s.seen[spelt] = true
	name := m["name"]
	switch m["type"] {
	case "create_upload_task":
		s.uploads[name] = &transfer{}
		s.creates[name] = append(s.creates[name], create{at, m["size"], m["md5sum"], s.uploads[name]})
	case "create_upload_task_rsp":
		return s.createResponse(at, m, spelt)
	case "report_upload_progress":
		return s.report(at, m, spelt, s.uploads, &s.uploadReports)
	case "report_upload_progress_rsp":
		return reportResponse(&s.uploadReports)
	case "get_download_task":
		s.queries++
	case "get_download_task_rsp":
		if s.queries == 0 {
			return s.repeatedOrUnsolicited(at, m, spelt)
		}
		s.queries--
		s.lastResponse[[2]any{m["type"], name}] = spelt
		s.downloads[name] = &transfer{issued: true}
	case "report_download_progress":
		return s.report(at, m, spelt, s.downloads, &s.downloadReports)
	case "report_download_progress_rsp":
		return reportResponse(&s.downloadReports)
	case "download":
		s.downloads[name] = &transfer{issued: true}
	}
	return nil
}

// advice is what should have been otherwise, if the session ends here.
func (s *session) advice() []advice {
	all := append([]advice{}, s.given...)
	unanswered := func(at int) { all = append(all, advice{at, "unanswered"}) } // SES-9
	for _, creates := range s.creates {
		for _, create := range creates {
			unanswered(create.at)
		}
	}
	for _, at := range append(append([]int{}, s.uploadReports...), s.downloadReports...) {
		unanswered(at)
	}
	sort.Slice(all, func(i, j int) bool {
		return all[i].At < all[j].At || all[i].At == all[j].At && all[i].Code < all[j].Code
	})
	return all
}

func (s *session) advise(at int, code string) { s.given = append(s.given, advice{at, code}) }

func (s *session) createResponse(at int, m message, spelt string) error {
	name := m["name"]
	creates := s.creates[name]
	if len(creates) == 0 {
		return s.repeatedOrUnsolicited(at, m, spelt)
	}
	for i := len(creates) - 1; i >= 0; i-- { // the newest of those that it fits
		if creates[i].size == m["size"] && creates[i].md5sum == m["md5sum"] {
			creates[i].task.issued = true // where a newer create has replaced that task, nobody looks at it
			s.creates[name] = append(creates[:i], creates[i+1:]...)
			s.lastResponse[[2]any{m["type"], name}] = spelt
			return nil
		}
	}
	return refused("echo-mismatch") // SES-2
}

func (s *session) repeatedOrUnsolicited(at int, m message, spelt string) error {
	if s.lastResponse[[2]any{m["type"], m["name"]}] != spelt {
		return refused("unsolicited-response") // SES-1, SES-4
	}
	s.advise(at, "repeated") // SES-11
	return nil
}

func (s *session) report(at int, m message, spelt string, tasks map[any]*transfer, unanswered *[]int) error {
	task := tasks[m["name"]]
	progress := m["progress"].(message)
	if task != nil && task.end == spelt {
		s.advise(at, "repeated") // SES-11
		return nil
	}
	*unanswered = append(*unanswered, at) // SES-12: however misplaced, it is owed its answer
	switch {
	case task == nil:
		return refused("no-such-task") // SES-3, SES-5
	case !task.issued:
		return refused("progress-before-url") // SES-3
	case task.end != "":
		return refused("after-end") // SES-7
	}
	if percent, ok := progress["percent"].(int64); ok {
		if task.percent != nil && percent < *task.percent {
			s.advise(at, "percent-decreased") // SES-8
		}
		task.percent = &percent
	}
	ends := progress["percent"] == int64(100) // SES-7
	if s.profile == deployed {
		ends = isFinal(progress["state"])
	}
	if ends || progress["result_code"] != int64(0) {
		task.end = spelt
	}
	return nil
}

func reportResponse(unanswered *[]int) error {
	if len(*unanswered) == 0 {
		return refused("unsolicited-response") // SES-6
	}
	*unanswered = (*unanswered)[1:]
	return nil
}
