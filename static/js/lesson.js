// Fetches lessons. They are files beside the page, so that only the lesson that is opened is loaded.
import { asset } from "./asset.js";

/** The JSON of a lesson. Rejects with a message that is the end of a sentence. */
export async function fetchLesson(name) {
  let response;
  try {
    response = await fetch(asset(`lessons/${name}.json`));
  } catch {
    throw new Error("check the network connection");
  }
  if (!response.ok) throw new Error(`the server answered with ${response.status}`);
  const text = await response.text();
  // A captive portal answers with a page.
  if (!text.startsWith("{")) throw new Error("the server answered with something else");
  return text;
}
