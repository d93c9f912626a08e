/** Sign in: trade the token, from the address or the field, for a cookie; then load the page. */

const form = document.getElementById("sign-in");
const message = document.getElementById("message");

async function signIn(token) {
  const answer = await fetch("/api/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (answer.ok) location.reload();
  else message.textContent = (await answer.json()).error.message;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  signIn(document.getElementById("token").value);
});

const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  history.replaceState(null, "", location.pathname);
  signIn(given);
}
