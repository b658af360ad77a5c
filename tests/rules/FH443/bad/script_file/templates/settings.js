const settings = {
  layout: '{{ layout }}', // finds: FH443
  theme: {{ theme|tojson }},
};
