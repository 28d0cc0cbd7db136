// Sphinx leaves numbers out of what is searched for. The index of this site has those that can be a status of HTTP.
document.addEventListener("DOMContentLoaded", () => {
  const parse = Search._parseQuery;
  Search._parseQuery = (query) => {
    const parsed = parse(query);
    const [, searched, , highlighted] = parsed;
    for (const number of query.match(/\b[1-5]\d\d\b/g) ?? []) {
      searched.add(number);
      highlighted.add(number);
    }
    return parsed;
  };
});
