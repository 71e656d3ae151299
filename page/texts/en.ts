// The page in English. Parts of the page go by their ids.

export const en = {
  title: "Edge Digits: type a word, meet its digit",
  description:
    "Every word stands for one handwritten digit, drawn by a small neural network that learned to write.",
  skip: "Skip to the digit",
  language: "Language",
  nav: {
    label: "Parts of this page",
    map: "Map",
    dials: "Directions",
    walk: "Walk",
    draw: "Draw",
    take: "Use it",
    models: "Models",
    api: "API",
  },
  needsScript: "This part needs JavaScript.",

  failure: {
    offline: "You are offline. What you chose is kept; this part comes back with the connection.",
    unreachable: "The server does not answer at the moment. What you chose is kept.",
    busy: "That was a lot of pictures. The server asks for a minute's rest.",
    server: "The server has a problem of its own.",
    refused: "The server refused this.",
    page: "Your browser could not do this part.",
    again: "Try again",
    waiting: "Fetching the model…",
  },

  bench: {
    headline: "Type a word. Meet its digit.",
    lede: "A small neural network looked at 54,000 handwritten digits (MNIST) until it could write its own. Your word picks which one it writes. With the same model, the same word always gives the same digit, down to the last pixel.",
    seed: "Your word",
    /** The word of a page whose address has none. */
    first: "moon",
    /** @param digit  undefined for models that do not know */
    is: (seed: string, digit: number | undefined) =>
      digit === undefined ? `This is the digit of “${seed}”.` : `“${seed}” is a ${digit}.`,
    noWord: (seed: string) => `Type at least one character. The picture still shows “${seed}”.`,
    unknownModel: (asked: string, used: string) =>
      `There is no model called “${asked}” here. The page uses the standard model, ${used}, instead.`,
    useStandard: "Keep the standard model",
    surprise: "Surprise me",
    surprises:
      "sun river lemon anna otter paper violin saturn basil harbour ember tiger cloud olive robin pixel maple comet opal juniper",
    digit: "Which digit",
    anyDigit: "any",
    draw: "Draw it",
    more: "Model, colours and handwriting",
    model: "Model",
    defaultModel: (name: string) => `${name} (standard)`,
    standardModel: "standard",
    version: (version: string) => `Version ${version}`,
    temperature: "Variety",
    temperatureHint: "Low: textbook digits. High: odd ones.",
    guidance: "Legibility",
    guidanceHint: "Low: more variety. High: digits that are easier to read.",
    slant: "Slant",
    degrees: (slant: number) => `${slant}°`,
    weight: "Boldness",
    palette: "Colours",
    palettes: { paper: "ink on paper", mnist: "as in MNIST" },
    ink: "Ink",
    ground: "Paper",
    transparent: "no paper (transparent)",
    picture: (seed: string, digit: number | undefined) =>
      digit === undefined ? `The digit of “${seed}”` : `A handwritten ${digit}, the digit of “${seed}”`,
  },

  take: {
    title: "Take it with you",
    lede: "This address is a picture, and will always be this picture: it names the model's version. Paste it anywhere a picture can go.",
    ledeNewest:
      "This address is a picture. It follows the newest version of the model, so the picture may change when a new one is published.",
    format: "Format",
    size: "Size",
    pixels: (size: number) => `${size} pixels`,
    version: "Which version",
    always: "always this picture",
    newest: "newest",
    kind: "As",
    kinds: {
      address: "Address",
      img: "HTML",
      markdown: "Markdown",
      react: "React",
      curl: "curl",
      fetch: "fetch",
      client: "TypeScript",
    },
    copy: "Copy",
    copied: "Copied",
    notCopied: "Copying is not allowed here; select the text instead.",
    download: "Download",
    jsonNote: "JSON holds the grey levels of this picture, 0 to 255.",
    licence: "The models learned from MNIST (CC BY-SA 3.0).",
    share: "Share this page",
    qr: "QR code",
    qrOf: (address: string) => `QR code of ${address}`,
    close: "Close",
    linkCopied: "Link copied",
    copyAddressBar: "Sharing is not allowed here; copy the address from the address bar.",
  },

  relatives: {
    title: "Its closest relatives",
    lede: (seed: string) =>
      `Of a thousand variants of your word (${seed}/0 to ${seed}/999), these look most like it. Choose one to make it your word, or make it the goal of the walk further down.`,
    any: (seed: string) =>
      `Some of the thousand variants of your word (${seed}/0 to ${seed}/999). Choose one to make it your word, or make it the goal of the walk further down.`,
    choose: (seed: string, digit: number | undefined) =>
      digit === undefined ? `Make “${seed}” your word` : `Make “${seed}”, a ${digit}, your word`,
    walkTo: (seed: string) => `Walk to “${seed}”`,
    goal: "walk to",
    isGoal: "goal",
  },

  number: {
    title: "Write a number",
    lede: "Up to 32 digits in one handwriting.",
    label: "Number",
    hint: "1 to 32 digits",
    written: (number: string) => `Only digits are written: ${number}`,
    picture: (number: string) => `${number} in handwriting`,
  },

  sheet: {
    title: "A sheet of names",
    names: "Names, one per line",
    first: "Ada\nAlan\nGrace\nKatherine\nEmmy\nMargaret",
    private: (most: number) => `Up to ${most}. They stay in your browser.`,
    save: "Download as one picture",
  },

  map: {
    title: "The map of all digits",
    lede: (model: string) =>
      `The model ${model} describes a digit by only two numbers: a place on this map. Each colour is the land of one digit, and where lands meet, one digit becomes the other. Your word and your drawing lie where ${model} would put them. Move about and watch.`,
    region: "Map of digits. Arrow keys move the mark; hold Shift for larger steps.",
    across: "Horizontal",
    up: "Vertical",
    drawing: "your drawing",
    toWord: (seed: string) => `Go to “${seed}”`,
    toDrawing: "Go to your drawing",
    fullScreen: "Full screen",
    dots: "Show real digits as dots",
    dot: (digit: number) => `A real ${digit}, from MNIST's test images`,
    dotHint: "Point at a dot to see the real digit.",
    looksLike: (digit: number, percent: string) => `Most like a ${digit} (${percent}%)`,
    none: "There is no model with a map on this server.",
    digitAt: (digit: number) => `The digit at the mark, most like a ${digit}`,
  },

  proof: {
    asking: () => "Drawn here; asking the server…",
    same: (pixels: number) => `All ${pixels} pixels equal the server's`,
    different: (count: number) => `${count} pixels differ from the server's`,
    unknown: () => "Drawn in your browser; the server could not be asked",
    explain: "Your browser runs the same program on the same published numbers as the server.",
    address: "This digit's address",
  },

  dials: {
    title: "What the model has learned to vary",
    lede: (model = "digits") =>
      `The model ${model} describes a digit by more numbers. Nobody told it what they mean: these sliders follow the directions in which its digits differ most, and are named after what changes where that is clear. (Exact slant and boldness are settings of the ink, further up.)`,
    traits: { slant: "Learned slant", width: "Learned width", thickness: "Learned thickness" },
    otherModel: (model: string, seed: string, digit: number | undefined) =>
      digit === undefined
        ? `With ${model}, “${seed}” looks like this.`
        : `With ${model}, “${seed}” is a ${digit}.`,
    dial: (index: number, trait: string | undefined) =>
      trait === undefined ? `Direction ${index}` : `Direction ${index} (${trait.toLowerCase()}, too)`,
    share: (percent: number) => `explains ${percent}% of the differences`,
    all: (count: number) => `All ${count} directions`,
    resetOne: (name: string) => `Reset: ${name}`,
    reset: (seed: string) => `Back to “${seed}”`,
    none: "There is no model with sliders on this server.",
    digit: "The digit that the sliders make",
  },

  walk: {
    title: "Walk to a friend's word",
    lede: "From your word's digit to another's and back, through everything in between: along an arc, which stays where digits live. Download it as an animation and send it.",
    straight:
      "From your word's digit to another's and back, straight through what lies between their codes. Download it as an animation and send it.",
    none: "There is no model for walks on this server.",
    first: "river",
    from: "Your word",
    to: "A friend's word",
    ends: (from: string, first: number | undefined, to: string, last: number | undefined) =>
      first === undefined || last === undefined
        ? `From “${from}” to “${to}”.`
        : `From “${from}”, a ${first}, to “${to}”, a ${last}.`,
    film: (from: string, to: string) => `A digit on its way from “${from}” to “${to}”`,
    swap: "Swap",
    size: "Size of the animation, pixels",
    play: "Play",
    pause: "Pause",
    position: "Position",
    frame: (frame: number, frames: number) => `Picture ${frame} of ${frames}`,
    speed: "Speed",
    perSecond: (frames: number) => `${frames} pictures a second`,
    export: "Download animation",
    address: "Address of the animation",
    noAddress: "A word with a comma does not fit in the address of a walk, but the download includes it.",
  },

  draw: {
    title: "Draw your own",
    lede: "Draw a digit with mouse, pen or finger. The network looks at it, keeps only a few numbers, and draws it again from those.",
    none: "No model on this server takes drawings of 28 by 28 pixels.",
    pad: "Drawing pad",
    padEmpty: "Draw here",
    undo: "Undo",
    clear: "Clear",
    borrow: "Use my word's digit",
    private: "Your drawing stays in your browser.",
    seen: "What it sees",
    again: "What it draws again",
    sure: (digit: number, percent: string, by: string | undefined) =>
      by === undefined ? `It reads ${digit}, ${percent}% sure` : `${by} reads ${digit}, ${percent}% sure`,
    unlike: (digit: number) => `This looks like no digit it knows; a ${digit} comes nearest`,
    waits: "Draw, and it says which digit it reads.",
    certainty: "How sure it is of each digit",
    variations: "Variations of your digit",
    variation: (index: number) => `Variation ${index} of your digit`,
  },

  models: {
    title: "The models",
    lede: "Each was trained once, measured, and never changed since. A version's name is the fingerprint of its content.",
    standard: "standard",
    version: "Version",
    versions: (count: number) => `${count} versions`,
    published: "Published",
    numbers: "Numbers per digit",
    codes: (cells: number, size: number) => `${cells} codes, each one of ${size}`,
    weights: "Weights in the decoder",
    size: "Decoder's download",
    loss: "Error on unseen digits",
    lossUnit: (nats: string) => `${nats} nats per picture`,
    images: (count: string) => `On ${count} digits it never learned from; lower is better.`,
    error: "Rounding error of the download",
    errorUnit: (levels: string) => `${levels} of 255 grey levels`,
    trained: "Training",
    trainedIn: (epochs: number, minutes: string) => `${epochs} epochs, ${minutes} minutes`,
    data: "Learned from",
    curve: "Learning, epoch by epoch",
    curveReconstruction: "Learning, epoch by epoch: the reconstruction's part of the error",
    curveText: (first: string, last: string, epochs: number) =>
      `It falls from ${first} to ${last} nats in ${epochs} epochs`,
    training: "digits it learns from",
    validation: "digits it never sees",
    preview: (name: string) => `Digits drawn by ${name}`,
    card: "All details (JSON)",
    details: "Figures",
    flat: "Two numbers per digit: a rough hand, but one that can be shown as a map.",
    kinds: {
      conditional: "A variational autoencoder that is told the digit: soft digits, each a few numbers.",
      gaussian: "A variational autoencoder: soft digits, each a few numbers.",
      flow: "The sharpest: a variational autoencoder whose digits come out of a learned flow.",
      codes: "Digits put together from a small set of learned codes, like words from letters.",
    },
    use: "Use this model",
    used: "In use",
    unreadable: "The server draws with this model; this page cannot read its card.",
  },

  footer: {
    api: "The API, explained",
    openapi: "OpenAPI",
    line: "Everything here is free to use, link and embed. No cookies, no trackers, nothing from other sites. Every digit is drawn in your browser and can be checked against the server.",
  },
};

export type Texts = typeof en;
