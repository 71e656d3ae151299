// The page in Brazilian Portuguese.

import type { Texts } from "./en.ts";

export const ptBr: Texts = {
  title: "Edge Digits: digite uma palavra, conheça o seu dígito",
  description:
    "Cada palavra tem um dígito manuscrito, desenhado por uma pequena rede neural que aprendeu a escrever.",
  skip: "Ir para o dígito",
  language: "Idioma",
  nav: {
    label: "Partes desta página",
    map: "Mapa",
    dials: "Direções",
    walk: "Passeio",
    draw: "Desenho",
    take: "Usar",
    models: "Modelos",
    api: "API",
  },
  needsScript: "Esta parte precisa de JavaScript.",

  failure: {
    offline: "Você está sem conexão. O que você escolheu está guardado; esta parte volta com a conexão.",
    unreachable: "O servidor não responde no momento. O que você escolheu está guardado.",
    busy: "Foram muitas imagens. O servidor pede um minuto de descanso.",
    server: "O servidor está com um problema.",
    refused: "O servidor recusou este pedido.",
    page: "Seu navegador não conseguiu fazer esta parte.",
    again: "Tentar de novo",
    waiting: "Buscando o modelo…",
  },

  bench: {
    headline: "Digite uma palavra. Conheça o seu dígito.",
    lede: "Uma pequena rede neural observou 54.000 dígitos escritos à mão (MNIST) até saber escrever os seus próprios. Sua palavra decide qual deles ela escreve. Com o mesmo modelo, a mesma palavra dá sempre o mesmo dígito, até o último pixel.",
    seed: "Sua palavra",
    first: "lua",
    is: (seed, digit) => (digit === undefined ? `Este é o dígito de “${seed}”.` : `“${seed}” é um ${digit}.`),
    noWord: (seed) => `Digite pelo menos um caractere. A imagem ainda mostra “${seed}”.`,
    unknownModel: (asked, used) =>
      `Não há aqui um modelo chamado “${asked}”. A página usa o modelo padrão, ${used}.`,
    useStandard: "Ficar com o modelo padrão",
    surprise: "Me surpreenda",
    surprises:
      "lua rio limão ana lontra papel violão saturno manjericão porto brasa onça nuvem oliva sabiá pixel ipê cometa opala jabuticaba",
    digit: "Qual dígito",
    anyDigit: "qualquer",
    draw: "Desenhar",
    more: "Modelo, cores e caligrafia",
    model: "Modelo",
    defaultModel: (name) => `${name} (padrão)`,
    standardModel: "padrão",
    version: (version) => `Versão ${version}`,
    temperature: "Variedade",
    temperatureHint: "Pouca: dígitos de cartilha. Muita: dígitos estranhos.",
    guidance: "Legibilidade",
    guidanceHint: "Pouca: mais variedade. Muita: dígitos mais fáceis de ler.",
    slant: "Inclinação",
    degrees: (slant) => `${slant}°`,
    weight: "Espessura",
    palette: "Cores",
    palettes: { paper: "tinta no papel", mnist: "como no MNIST" },
    ink: "Tinta",
    ground: "Papel",
    transparent: "sem papel (transparente)",
    picture: (seed, digit) =>
      digit === undefined ? `O dígito de “${seed}”` : `Um ${digit} manuscrito, o dígito de “${seed}”`,
  },

  take: {
    title: "Leve com você",
    lede: "Este endereço é uma imagem, e será sempre esta: ele contém a versão do modelo. Cole em qualquer lugar que aceite uma imagem.",
    ledeNewest:
      "Este endereço é uma imagem. Ele segue a versão mais nova do modelo; a imagem pode mudar quando outra for publicada.",
    format: "Formato",
    size: "Tamanho",
    pixels: (size) => `${size} pixels`,
    version: "Qual versão",
    always: "sempre esta imagem",
    newest: "a mais nova",
    kind: "Como",
    kinds: {
      address: "Endereço",
      img: "HTML",
      markdown: "Markdown",
      react: "React",
      curl: "curl",
      fetch: "fetch",
      client: "TypeScript",
    },
    copy: "Copiar",
    copied: "Copiado",
    notCopied: "Aqui não é permitido copiar; selecione o texto.",
    download: "Baixar",
    jsonNote: "O JSON traz os níveis de cinza desta imagem, de 0 a 255.",
    licence: "Os modelos aprenderam com o MNIST (CC BY-SA 3.0).",
    share: "Compartilhar",
    qr: "Código QR",
    qrOf: (address) => `Código QR de ${address}`,
    close: "Fechar",
    linkCopied: "Link copiado",
    copyAddressBar: "Aqui não é permitido compartilhar; copie o endereço da barra do navegador.",
  },

  relatives: {
    title: "Os parentes mais próximos",
    lede: (seed) =>
      `De mil variantes da sua palavra (${seed}/0 a ${seed}/999), estas são as mais parecidas. Escolha uma para ficar com ela ou faça dela o destino do passeio, mais abaixo.`,
    any: (seed) =>
      `Algumas das mil variantes da sua palavra (${seed}/0 a ${seed}/999). Escolha uma para ficar com ela ou faça dela o destino do passeio, mais abaixo.`,
    choose: (seed, digit) =>
      digit === undefined
        ? `Fazer de “${seed}” a sua palavra`
        : `Fazer de “${seed}”, um ${digit}, a sua palavra`,
    walkTo: (seed) => `Passear até “${seed}”`,
    goal: "ir até",
    isGoal: "destino",
  },

  number: {
    title: "Escreva um número",
    lede: "Até 32 dígitos na mesma caligrafia.",
    label: "Número",
    hint: "1 a 32 dígitos",
    written: (number) => `Só dígitos são escritos: ${number}`,
    picture: (number) => `${number} escrito à mão`,
  },

  sheet: {
    title: "Uma folha de nomes",
    names: "Nomes, um por linha",
    first: "Ana\nBia\nCaio\nDavi\nHelena\nJoão",
    private: (most) => `Até ${most}. Eles não saem do seu navegador.`,
    save: "Baixar como uma imagem",
  },

  map: {
    title: "O mapa de todos os dígitos",
    lede: (model) =>
      `O modelo ${model} descreve um dígito com apenas dois números: um lugar neste mapa. Cada cor é a terra de um dígito e, onde as terras se encontram, um dígito vira o outro. Sua palavra e seu desenho ficam onde ${model} os colocaria. Passeie e observe.`,
    region: "Mapa dos dígitos. As setas movem a marca; com Shift, os passos são maiores.",
    across: "Na horizontal",
    up: "Na vertical",
    drawing: "seu desenho",
    toWord: (seed) => `Ir até “${seed}”`,
    toDrawing: "Ir até o seu desenho",
    fullScreen: "Tela cheia",
    dots: "Mostrar dígitos reais como pontos",
    dot: (digit) => `Um ${digit} real, das imagens de teste do MNIST`,
    dotHint: "Aponte para um ponto para ver o dígito real.",
    looksLike: (digit, percent) => `Parece mais um ${digit} (${percent}%)`,
    none: "Não há modelo com mapa neste servidor.",
    digitAt: (digit) => `O dígito na marca, parece mais um ${digit}`,
  },

  proof: {
    asking: () => "Desenhado aqui; perguntando ao servidor…",
    same: (pixels) => `Todos os ${pixels} pixels são iguais aos do servidor`,
    different: (count) => `${count} pixels diferem dos do servidor`,
    unknown: () => "Desenhado no seu navegador; não foi possível perguntar ao servidor",
    explain: "Seu navegador roda o mesmo programa, com os mesmos números publicados, que o servidor.",
    address: "Endereço deste dígito",
  },

  dials: {
    title: "O que o modelo aprendeu a variar",
    lede: (model = "digits") =>
      `O modelo ${model} descreve um dígito com mais números. Ninguém lhe disse o que significam: estes controles seguem as direções em que seus dígitos mais diferem e levam o nome do que muda, quando isso é claro. (Inclinação e espessura exatas são ajustes da tinta, mais acima.)`,
    traits: {
      slant: "Inclinação aprendida",
      width: "Largura aprendida",
      thickness: "Espessura aprendida",
    },
    otherModel: (model, seed, digit) =>
      digit === undefined ? `Com ${model}, “${seed}” fica assim.` : `Com ${model}, “${seed}” é um ${digit}.`,
    dial: (index, trait) =>
      trait === undefined ? `Direção ${index}` : `Direção ${index} (também ${trait.toLowerCase()})`,
    share: (percent) => `explica ${percent}% das diferenças`,
    all: (count) => `Todas as ${count} direções`,
    resetOne: (name) => `Restaurar: ${name}`,
    reset: (seed) => `Voltar a “${seed}”`,
    none: "Não há modelo com controles neste servidor.",
    digit: "O dígito que os controles formam",
  },

  walk: {
    title: "Passeie até a palavra de um amigo",
    lede: "Do dígito da sua palavra ao de outra e de volta, passando por tudo o que há no meio: pelo arco, que fica onde os dígitos vivem. Baixe como animação e envie.",
    straight:
      "Do dígito da sua palavra ao de outra e de volta, em linha reta pelo que há entre os seus códigos. Baixe como animação e envie.",
    none: "Não há modelo para passeios neste servidor.",
    first: "rio",
    from: "Sua palavra",
    to: "A palavra de um amigo",
    ends: (from, first, to, last) =>
      first === undefined || last === undefined
        ? `De “${from}” a “${to}”.`
        : `De “${from}”, um ${first}, a “${to}”, um ${last}.`,
    film: (from, to) => `Um dígito a caminho de “${from}” a “${to}”`,
    swap: "Trocar",
    size: "Tamanho da animação, em pixels",
    play: "Reproduzir",
    pause: "Pausar",
    position: "Posição",
    frame: (frame, frames) => `Imagem ${frame} de ${frames}`,
    speed: "Velocidade",
    perSecond: (frames) => `${frames} imagens por segundo`,
    export: "Baixar animação",
    address: "Endereço da animação",
    noAddress: "Uma palavra com vírgula não cabe no endereço de um passeio, mas a animação baixada a inclui.",
  },

  draw: {
    title: "Desenhe o seu",
    lede: "Desenhe um dígito com o mouse, a caneta ou o dedo. A rede olha, guarda só alguns números e o desenha de novo a partir deles.",
    none: "Nenhum modelo deste servidor aceita desenhos de 28 por 28 pixels.",
    pad: "Área de desenho",
    padEmpty: "Desenhe aqui",
    undo: "Desfazer",
    clear: "Limpar",
    borrow: "Usar o dígito da minha palavra",
    private: "Seu desenho não sai do seu navegador.",
    seen: "O que ela vê",
    again: "O que ela redesenha",
    sure: (digit, percent, by) =>
      by === undefined
        ? `Ela lê ${digit}, com ${percent}% de certeza`
        : `${by} lê ${digit}, com ${percent}% de certeza`,
    unlike: (digit) => `Isto não parece nenhum dígito que ela conheça; o mais próximo é um ${digit}`,
    waits: "Desenhe, e ela diz que dígito lê.",
    certainty: "Quanta certeza ela tem de cada dígito",
    variations: "Variações do seu dígito",
    variation: (index) => `Variação ${index} do seu dígito`,
  },

  models: {
    title: "Os modelos",
    lede: "Cada um foi treinado uma vez, medido e nunca mais alterado. O nome da versão é a impressão digital do seu conteúdo.",
    standard: "padrão",
    version: "Versão",
    versions: (count) => `${count} versões`,
    published: "Publicado",
    numbers: "Números por dígito",
    codes: (cells, size) => `${cells} códigos, cada um de ${size}`,
    weights: "Pesos no decodificador",
    size: "Tamanho do decodificador",
    loss: "Erro em dígitos inéditos",
    lossUnit: (nats) => `${nats} nats por imagem`,
    images: (count) => `Em ${count} dígitos que nunca viu no treino; quanto menor, melhor.`,
    error: "Erro de arredondamento do decodificador baixado",
    errorUnit: (levels) => `${levels} de 255 níveis de cinza`,
    trained: "Treino",
    trainedIn: (epochs, minutes) => `${epochs} épocas (rodadas), ${minutes} minutos`,
    data: "Aprendeu com",
    curve: "O aprendizado, época a época",
    curveReconstruction: "O aprendizado, época a época: a parte do erro que é da reconstrução",
    curveText: (first, last, epochs) => `Cai de ${first} a ${last} nats em ${epochs} épocas`,
    training: "dígitos de treino",
    validation: "dígitos que nunca vê",
    preview: (name) => `Dígitos desenhados por ${name}`,
    card: "Todos os detalhes (JSON)",
    details: "Números do modelo",
    flat: "Dois números por dígito: uma letra rude, mas que cabe num mapa.",
    kinds: {
      conditional:
        "Um autoencoder variacional que recebe o dígito: dígitos suaves, cada um só alguns números.",
      gaussian: "Um autoencoder variacional: dígitos suaves, cada um só alguns números.",
      flow: "O mais nítido: um autoencoder variacional cujos dígitos saem de um fluxo aprendido.",
      codes: "Dígitos montados a partir de poucos códigos aprendidos, como palavras a partir de letras.",
    },
    use: "Usar este modelo",
    used: "Em uso",
    unreadable: "O servidor desenha com este modelo; esta página não consegue ler a ficha dele.",
  },

  footer: {
    api: "A API, explicada (em inglês)",
    openapi: "OpenAPI",
    line: "Tudo aqui é livre para usar, vincular e incorporar. Sem cookies, sem rastreadores, nada de outros sites. Cada dígito é desenhado no seu navegador e pode ser conferido com o servidor.",
  },
};
