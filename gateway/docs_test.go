package gateway

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func loadSpec(t *testing.T) *openapi3.T {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromData(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := spec.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return spec
}

// validate holds an answer against openapi.yaml.
func validate(t *testing.T, spec *openapi3.T, pattern, method string, got reply) {
	t.Helper()
	responses := spec.Paths.Value(pattern).GetOperation(method).Responses
	response := responses.Status(got.status)
	if response == nil {
		response = responses.Default()
	}
	media := response.Value.Content.Get(got.header.Get("Content-Type"))
	if got.body == "" {
		if len(response.Value.Content) > 0 {
			t.Errorf("status %d has no body", got.status)
		}
		return
	}
	if media == nil {
		t.Fatalf("openapi.yaml has no %s for status %d", got.header.Get("Content-Type"), got.status)
	}
	var value any = got.body
	if strings.HasSuffix(got.header.Get("Content-Type"), "/json") {
		if err := json.Unmarshal([]byte(got.body), &value); err != nil {
			t.Fatal(err)
		}
	}
	if err := media.Schema.Value.VisitJSON(value); err != nil {
		t.Errorf("openapi.yaml does not describe the answer: %v", err)
	}
}

// openapi.yaml and routes.go list the same calls.
func TestOpenAPIListsEveryRoute(t *testing.T) {
	t.Parallel()
	spec := loadSpec(t)
	s := New(Config{}, newRooms(t), newRooms(t))
	listed := map[string]bool{}
	for path, item := range spec.Paths.Map() {
		for method := range item.Operations() {
			listed[method+" "+path] = true
		}
	}
	for _, r := range s.routes() {
		name := r.method + " " + openAPIPath(r.path)
		if !listed[name] {
			t.Errorf("openapi.yaml lacks %s", name)
			continue
		}
		delete(listed, name)
		operation := spec.Paths.Value(openAPIPath(r.path)).GetOperation(r.method)
		if locked := operation.Security != nil && len(*operation.Security) > 0; locked != (r.role != "") {
			t.Errorf("openapi.yaml and routes.go disagree on the login of %s", name)
		}
	}
	for name := range listed {
		t.Errorf("openapi.yaml has %s, which is no route", name)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, newRooms(t))
	page := h.ask("GET", "/docs", "")
	if page.status != 200 || !strings.Contains(page.body, "/accounts/{account}/registrations") || !strings.Contains(page.body, "SPACE_EXHAUSTED") {
		t.Errorf("/docs lacks routes or errors: %d\n%s", page.status, page.body)
	}
	if root := h.ask("GET", "/", ""); root.status != 200 || root.body != page.body {
		t.Errorf("/ is not the same page: %d", root.status)
	}
	if policy := page.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("policy of /docs: %q", policy)
	}
	for _, outside := range []string{"http://", "https://", "<script", "style="} {
		if strings.Contains(page.body, outside) {
			t.Errorf("/docs contains %q", outside)
		}
	}
	if yaml := h.ask("GET", "/openapi.yaml", ""); yaml.status != 200 || yaml.body != string(openAPI) {
		t.Errorf("/openapi.yaml: %d", yaml.status)
	}
	h.ask("GET", "/accounts/ch/registrations/"+exampleKey, "")
	metrics := h.ask("GET", "/metrics", "")
	if !strings.Contains(metrics.body, `shortwire_http_requests_total{method="GET",route="/accounts/:account/registrations/:authorization_pub",status="200"} 1`) {
		t.Errorf("/metrics does not count by route pattern:\n%s", metrics.body)
	}
	if strings.Contains(metrics.body, exampleKey) || strings.Contains(h.log.String(), exampleKey) {
		t.Error("a key reached the metrics or the log")
	}
}
