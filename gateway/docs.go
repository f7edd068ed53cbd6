package gateway

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // openapi.yaml and the page
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"

	"github.com/gofiber/fiber/v2"
)

//go:embed openapi.yaml
var openAPI []byte

//go:embed docs.html
var docsHTML string

//go:embed docs.css
var docsStyle string

var docsTemplate = template.Must(template.New("docs").Parse(docsHTML))

// docsPolicy lets the page load nothing but its own style, named by its hash
// (Content Security Policy 3, section 2.3.1).
var docsPolicy = func() string {
	sum := sha256.Sum256([]byte(docsStyle))
	return "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'"
}()

func (s *Server) getOpenAPI(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "application/yaml")
	return c.Send(openAPI)
}

type docsRoute struct{ Method, Path, Summary string }

type docsGroup struct {
	Title  string
	Routes []docsRoute
}

type docsError struct {
	Status       int
	Symbol, Hint string
}

// getDocs shows the table of routes and the table of errors.
func (s *Server) getDocs(c *fiber.Ctx) error {
	var page bytes.Buffer
	err := docsTemplate.Execute(&page, struct {
		Style  template.CSS
		Groups []docsGroup
		Errors []docsError
	}{template.CSS(docsStyle), s.docsGroups(), docsErrors()}) // #nosec G203 -- our own file
	if err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set(fiber.HeaderContentSecurityPolicy, docsPolicy)
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	return c.Send(page.Bytes())
}

// docsGroups sorts the routes by who uses them.
func (s *Server) docsGroups() []docsGroup {
	groups := []docsGroup{{Title: "Wallets, without login"}, {Title: "Exchange, role exchange"}, {Title: "Bank jobs, role bank"}, {Title: "Service"}}
	for _, r := range s.routes() {
		group := &groups[3]
		switch {
		case r.role == RoleExchange:
			group = &groups[1]
		case r.role == RoleBank:
			group = &groups[2]
		case r.path == "/config" || strings.HasPrefix(r.path, "/accounts/"):
			group = &groups[0]
		}
		group.Routes = append(group.Routes, docsRoute{r.method, openAPIPath(r.path), r.summary})
	}
	return groups
}

// openAPIPath writes fiber's :name as {name}.
func openAPIPath(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if name, found := strings.CutPrefix(part, ":"); found {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

func docsErrors() []docsError {
	list := make([]docsError, 0, len(problems)+1)
	for _, row := range problems {
		list = append(list, docsError{row.status, row.name(), row.hint})
	}
	return append(list, docsError{unexpected.status, unexpected.name(), unexpected.hint})
}
